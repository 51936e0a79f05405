"""A LoRA training step, and greedy decoding, of a Llama or Qwen2 decoder in eager PyTorch, for comparison with Bft.

Reads a Hugging Face folder and a PEFT folder, prints one line of JSON when it is ready, then does one thing for every line on
standard input ("step", or "generate N") and answers each with one line of JSON. No library beside torch is needed.
The composition is the usual eager one: every projection is base(x) + scale * B(A(x)) with float32 adapters, rotary embedding by
rotating halves, attention by explicit products and softmax in float32, all logits widened to float32, cross entropy, torch.optim.AdamW.
"""
import json
import math
import mmap
import os
import sys
import time

import torch
import torch.nn.functional as F

DTYPES = {"F32": torch.float32, "BF16": torch.bfloat16, "F16": torch.float16}


def read_safetensors(path):
    with open(path, "rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    size = int.from_bytes(mapped[:8], "little")
    tensors = {}
    for name, entry in json.loads(mapped[8:8 + size]).items():
        if name == "__metadata__":
            continue
        start, end = entry["data_offsets"]
        dtype = DTYPES[entry["dtype"]]
        count = (end - start) // torch.finfo(dtype).bits * 8
        flat = torch.frombuffer(mapped, dtype=dtype, count=count, offset=8 + size + start)
        tensors[name] = flat.reshape(entry["shape"]).clone()
    return tensors


def read_folder(folder):
    """All tensors of a Hugging Face folder, from one file or from the shards of an index."""
    index = os.path.join(folder, "model.safetensors.index.json")
    if not os.path.exists(index):
        return read_safetensors(os.path.join(folder, "model.safetensors"))
    with open(index) as file:
        shards = set(json.load(file)["weight_map"].values())
    return {name: value for shard in sorted(shards) for name, value in read_safetensors(os.path.join(folder, shard)).items()}


def status(field):
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(field))


class Decoder:
    def __init__(self, folder, adapter, dtype):
        with open(os.path.join(folder, "config.json")) as file:
            self.config = config = json.load(file)
        self.weights = {name: value.to(dtype) for name, value in read_folder(folder).items()}
        self.lora, self.scale = {}, 0.0
        if adapter:
            with open(os.path.join(adapter, "adapter_config.json")) as file:
                peft = json.load(file)
            self.scale = peft["lora_alpha"] / peft["r"]
            for name, value in read_safetensors(os.path.join(adapter, "adapter_model.safetensors")).items():
                self.lora[name.replace("base_model.model.", "", 1)] = value.float().requires_grad_(True)
        self.heads, self.groups = config["num_attention_heads"], config["num_key_value_heads"]
        self.width = config.get("head_dim") or config["hidden_size"] // self.heads
        self.epsilon = config["rms_norm_eps"]
        theta = config.get("rope_theta") or config["rope_parameters"]["rope_theta"]
        self.frequencies = 1.0 / theta ** (torch.arange(0, self.width, 2, dtype=torch.float64) / self.width)

    def norm(self, x, name):
        wide = x.float()
        wide = wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + self.epsilon)
        return self.weights[name + ".weight"] * wide.to(x.dtype)

    def linear(self, x, name):
        y = F.linear(x, self.weights[name + ".weight"], self.weights.get(name + ".bias"))
        a = self.lora.get(name + ".lora_A.weight")
        if a is None:
            return y
        return (y + F.linear(F.linear(x.to(a.dtype), a), self.lora[name + ".lora_B.weight"]) * self.scale).to(y.dtype)

    def rotate(self, x, cos, sin):
        first, second = x.chunk(2, -1)
        return x * cos + torch.cat((-second, first), -1) * sin

    def block(self, x, layer, cos, sin, mask, cache):
        rows, length, _ = x.shape
        prefix = f"model.layers.{layer}."
        normed = self.norm(x, prefix + "input_layernorm")
        split = lambda y, heads: y.view(rows, length, heads, self.width).transpose(1, 2)
        query = self.rotate(split(self.linear(normed, prefix + "self_attn.q_proj"), self.heads), cos, sin)
        key = self.rotate(split(self.linear(normed, prefix + "self_attn.k_proj"), self.groups), cos, sin)
        value = split(self.linear(normed, prefix + "self_attn.v_proj"), self.groups)
        if cache is not None:
            if layer in cache:
                key, value = torch.cat((cache[layer][0], key), 2), torch.cat((cache[layer][1], value), 2)
            cache[layer] = (key, value)
        repeat = lambda y: y[:, :, None].expand(-1, -1, self.heads // self.groups, -1, -1).reshape(rows, self.heads, y.shape[2], self.width)
        scores = torch.matmul(query, repeat(key).transpose(2, 3)) / math.sqrt(self.width)
        if mask is not None:
            scores = scores + mask
        mixed = torch.matmul(torch.softmax(scores, -1, dtype=torch.float32).to(x.dtype), repeat(value))
        x = x + self.linear(mixed.transpose(1, 2).reshape(rows, length, self.heads * self.width), prefix + "self_attn.o_proj")
        normed = self.norm(x, prefix + "post_attention_layernorm")
        gate = F.silu(self.linear(normed, prefix + "mlp.gate_proj")) * self.linear(normed, prefix + "mlp.up_proj")
        return x + self.linear(gate, prefix + "mlp.down_proj")

    def logits(self, ids, cache=None, past=0, last=False):
        length = ids.shape[1]
        angles = torch.outer(torch.arange(past, past + length, dtype=torch.float64), self.frequencies)
        dtype = self.weights["model.embed_tokens.weight"].dtype
        cos, sin = (torch.cat((f(angles), f(angles)), -1).to(dtype) for f in (torch.cos, torch.sin))
        mask = torch.full((length, length), float("-inf"), dtype=dtype).triu(1) if length > 1 else None
        x = F.embedding(ids, self.weights["model.embed_tokens.weight"])
        for layer in range(self.config["num_hidden_layers"]):
            x = self.block(x, layer, cos, sin, mask, cache)
        x = self.norm(x[:, -1:] if last else x, "model.norm")
        return F.linear(x, self.weights.get("lm_head.weight", self.weights["model.embed_tokens.weight"]))


def step(model, optimizer, ids):
    logits = model.logits(ids).float()
    labels = F.pad(ids, (0, 1), value=-100)[:, 1:].reshape(-1)
    loss = F.cross_entropy(logits.view(-1, logits.shape[-1]), labels, ignore_index=-100)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return loss.item()


@torch.no_grad()
def generate(model, prompt, count):
    cache, ids, tokens = {}, prompt, []
    while len(tokens) < count:
        past = 0 if not cache else cache[0][0].shape[2]
        ids = model.logits(ids, cache, past, last=True)[:, -1].argmax(-1, keepdim=True)
        tokens.append(ids.item())
    return tokens


def main():
    work = json.loads(sys.argv[1])
    torch.set_num_threads(work["threads"])
    model = Decoder(work["folder"], work.get("adapter"), {"fp32": torch.float32, "bf16": torch.bfloat16}[work["dtype"]])
    ids = torch.tensor(work["ids"]).view(work["rows"], -1)
    optimizer = torch.optim.AdamW(list(model.lora.values()), lr=work["rate"], weight_decay=0.0) if model.lora else None
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")
    print(json.dumps({"version": torch.__version__, "loaded": status("VmRSS")}), flush=True)
    for line in sys.stdin:
        command, *rest = line.split()
        used, started = time.process_time(), time.perf_counter()
        answer = {"loss": step(model, optimizer, ids)} if command == "step" else {"tokens": generate(model, ids, int(rest[0]))}
        answer |= {"seconds": time.perf_counter() - started, "processor": time.process_time() - used, "peak": status("VmHWM")}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
