# The GPU environment: CUDA 12.8 runtime, .NET SDK 10, the packages of environment/apt-packages.txt. Build from the root of the checkout.
FROM nvidia/cuda:12.8.1-cudnn-runtime-ubuntu24.04
COPY environment/apt-packages.txt environment/install-packages.sh /tmp/environment/
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates git dotnet-sdk-10.0 \
    && /tmp/environment/install-packages.sh && rm -rf /var/lib/apt/lists/* /tmp/environment
ENV DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 TorchBackend=cuda
