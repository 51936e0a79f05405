"""Reads the folders that bft writes the way the libraries of Hugging Face do, with nothing but PyTorch, and compares what they compute.

Arguments: the folder of eager_step.py, a base model, a PEFT folder, the merged model, ids of a text parted by commas. Prints one line of
JSON with the differences of logits, or ends with the convention that the merged folder breaks.
"""
import json
import os
import sys

FLOATS = ("attention_dropout", "initializer_range", "rms_norm_eps", "rope_theta")
TYPES = {"float32": "F32", "bfloat16": "BF16", "float16": "F16"}
BITS = {"F32": 32, "BF16": 16, "F16": 16}
BIASED = ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj")


def read_json(folder, name):
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        return json.load(file)


def expect(good, message):
    if not good:
        sys.exit(message)


def parameters(config):
    """Names and shapes of LlamaForCausalLM and Qwen2ForCausalLM; a tied head has no entry."""
    width, inner, vocabulary = config["hidden_size"], config["intermediate_size"], config["vocab_size"]
    queries, keys = (config[name] * config["head_dim"] for name in ("num_attention_heads", "num_key_value_heads"))
    rows = {"self_attn.q_proj": (queries, width), "self_attn.k_proj": (keys, width), "self_attn.v_proj": (keys, width), "self_attn.o_proj": (width, queries),
            "mlp.gate_proj": (inner, width), "mlp.up_proj": (inner, width), "mlp.down_proj": (width, inner)}
    shapes = {"model.embed_tokens.weight": [vocabulary, width], "model.norm.weight": [width]}
    for layer in range(config["num_hidden_layers"]):
        block = f"model.layers.{layer}."
        shapes |= {f"{block}{name}.weight": list(shape) for name, shape in rows.items()}
        shapes |= {f"{block}{name}.weight": [width] for name in ("input_layernorm", "post_attention_layernorm")}
        if config["model_type"] == "qwen2":
            shapes |= {f"{block}{name}.bias": [rows[name][0]] for name in BIASED}
    if not config["tie_word_embeddings"]:
        shapes["lm_head.weight"] = [vocabulary, width]
    return shapes


def header(path):
    """The header of a safetensors file, with the checks that its library makes."""
    with open(path, "rb") as file:
        size = int.from_bytes(file.read(8), "little")
        entries = json.loads(file.read(size))
    name = os.path.basename(path)
    expect(size % 8 == 0, f"{name}: header of {size} bytes, not a multiple of 8")
    expect(entries.pop("__metadata__", {}).get("format") == "pt", f"{name}: no format pt in the metadata")
    end = 0
    for tensor, entry in sorted(entries.items(), key=lambda item: item[1]["data_offsets"]):
        count = 1
        for dimension in entry["shape"]:
            count *= dimension
        expect(entry["data_offsets"] == [end, end + count * BITS[entry["dtype"]] // 8], f"{name}: {tensor}: data do not follow those before them")
        end = entry["data_offsets"][1]
    expect(os.path.getsize(path) == 8 + size + end, f"{name}: bytes behind the last tensor")
    return entries


def check(folder):
    """What transformers and vLLM look at before they load weights, and what they need the weights to be."""
    config = read_json(folder, "config.json")
    expect(config["architectures"] == [{"llama": "Llama", "qwen2": "Qwen2"}[config["model_type"]] + "ForCausalLM"], "architectures does not fit model_type")
    for name in FLOATS:
        expect(isinstance(config[name], float), f"config.json: {name} is not a float")
    expect(read_json(folder, "generation_config.json")["eos_token_id"] is not None, "generation_config.json: no eos_token_id")
    read_json(folder, "tokenizer.json")
    expect("chat_template" in read_json(folder, "tokenizer_config.json") or os.path.exists(os.path.join(folder, "chat_template.jinja")), "no chat template")
    files = sorted(name for name in os.listdir(folder) if name.endswith(".safetensors"))
    tensors = {name: (file, entry) for file in files for name, entry in header(os.path.join(folder, file)).items()}
    expect({name: entry["shape"] for name, (_, entry) in tensors.items()} == parameters(config), "tensors are not those of the architecture")
    expect({entry["dtype"] for _, entry in tensors.values()} == {TYPES[config["torch_dtype"]]}, "torch_dtype is not the type of the weights")
    size = sum(entry["data_offsets"][1] - entry["data_offsets"][0] for _, entry in tensors.values())
    if len(files) == 1:
        expect(files == ["model.safetensors"] and not os.path.exists(os.path.join(folder, "model.safetensors.index.json")), "one file that is not model.safetensors")
        return
    index = read_json(folder, "model.safetensors.index.json")
    expect(files == [f"model-{i + 1:05d}-of-{len(files):05d}.safetensors" for i in range(len(files))], "names of shards")
    expect(index["metadata"]["total_size"] == size, f"total_size: expected {size}, actual {index['metadata']['total_size']}")
    expect(index["weight_map"] == {name: file for name, (file, _) in tensors.items()}, "weight_map is not what the shards hold")


def main():
    eager, base, adapter, merged, ids = sys.argv[1:]
    check(merged)
    sys.path.insert(0, eager)
    import torch
    from eager_step import Decoder

    torch.set_num_threads(1)
    ids = torch.tensor([[int(number) for number in ids.split(",")]])
    with torch.no_grad():
        beside = Decoder(base, adapter, torch.float32)
        expected = beside.logits(ids)[0]
        beside.lora, lora = {}, beside.lora
        alone = beside.logits(ids)[0]
        beside.lora, beside.scale = lora, 1.0
        unscaled = beside.logits(ids)[0]
        actual = Decoder(merged, None, torch.float32).logits(ids)[0]
    deviation = expected.std(1).mean()
    far = lambda other: ((expected - other).abs().max() / deviation).item()
    print(json.dumps({
        "merged": far(actual), "mean": ((expected - actual).abs().mean() / deviation).item(), "base": far(alone), "unscaled": far(unscaled),
        "last": actual[-1, :64].tolist(),
    }))


if __name__ == "__main__":
    main()
