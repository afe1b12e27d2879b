#!/usr/bin/env python3
"""Writes what Hugging Face's models give, for Tests/TextTests/pretrained-values.txt:

    scripts/pretrained-values.py > Tests/TextTests/pretrained-values.txt

Needs PyTorch and transformers. Each case is a small model whose weights follow from a formula over name and place, the same
in PretrainedValues.swift, so that no weights are stored: its configuration as the library writes it, the names and shapes of
the tensors in the file that it writes, the tokens, and what comes out.
"""

import json
import os
import tempfile

os.environ["CUDA_VISIBLE_DEVICES"] = ""

import numpy as np
import torch
import transformers
from safetensors import safe_open

transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()


def weights(name, shape):
    """Numbers that look random: a hash of place and name. Scales of normalizations lie near 1."""
    seed = np.uint64(1469598103934665603)
    for byte in name.encode():
        seed = np.uint64((int(seed) ^ byte) * 1099511628211 % 2**64)
    count = int(np.prod(shape, dtype=np.int64))
    with np.errstate(over="ignore"):
        x = (np.arange(count, dtype=np.uint64) + seed) * np.uint64(0x9E3779B97F4A7C15)
        x ^= x >> np.uint64(32)
        x *= np.uint64(0xD6E8FEB86659FD93)
        x ^= x >> np.uint64(32)
    unit = (x >> np.uint64(40)).astype(np.float64) / 2**24 - 0.5
    is_scale = len(shape) == 1 and name.endswith("weight")
    values = 1 + 0.2 * unit if is_scale else (0.2 * unit if len(shape) == 1 else 0.8 * unit)
    return torch.tensor(values.astype(np.float32).reshape(shape))


def tokens(vocabulary, batch, length):
    return torch.tensor([[(7 * row + 5 * place + place * place) % vocabulary for place in range(length)] for row in range(batch)])


def line(*parts):
    print(*parts)


def numbers(name, tensor):
    tensor = tensor.detach()
    line("output", name, *tensor.shape, ":", *[f"{x:.7g}" for x in tensor.flatten().tolist()])


def case(title, model, outputs):
    """Stores a case: outputs(model) gives names and tensors."""
    model.eval()
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        with open(folder + "/config.json") as file:
            configuration = json.dumps(json.load(file))
        with safe_open(folder + "/model.safetensors", "pt") as file:
            shapes = {name: list(file.get_slice(name).get_shape()) for name in file.keys()}
    state = model.state_dict()
    with torch.no_grad():
        for name, shape in shapes.items():
            state[name].copy_(weights(name, shape))
    line("case", title)
    line("config", configuration)
    for name, shape in sorted(shapes.items()):
        line("tensor", name, *shape)
    with torch.no_grad():
        for name, tensor in outputs(model):
            numbers(name, tensor)


def logits(vocabulary, length=9):
    """The logits of two sequences, and what greedy generation adds to the first."""
    def outputs(model):
        input = tokens(vocabulary, 2, length)
        yield "logits", model(input).logits
        prompt = input[:1, :4]
        made = model.generate(prompt, attention_mask=torch.ones_like(prompt), max_new_tokens=8, do_sample=False,
                              eos_token_id=None, pad_token_id=0)
        yield "greedy", made[0, 4:]
    return outputs


def hidden(vocabulary):
    """All hidden states and the pooled vector of two sequences, the second one shorter."""
    def outputs(model):
        input = tokens(vocabulary, 2, 7)
        mask = torch.ones_like(input)
        mask[1, 5:] = 0
        kinds = torch.zeros_like(input)
        kinds[:, 4:] = 1
        made = model(input, attention_mask=mask, token_type_ids=kinds, output_hidden_states=True)
        for place, state in enumerate(made.hidden_states):
            # What stands at padding is nobody's.
            yield f"hidden{place}", state * mask[:, :, None]
        if made.pooler_output is not None:
            yield "pooled", made.pooler_output
    return outputs


def main():
    line(f"# transformers {transformers.__version__}, PyTorch {torch.__version__.split('+')[0]}; scripts/pretrained-values.py")
    from transformers import (BertConfig, BertForMaskedLM, BertModel, GPT2Config, GPT2LMHeadModel, LlamaConfig,
                              LlamaForCausalLM, MistralConfig, MistralForCausalLM, Qwen2Config, Qwen2ForCausalLM)
    ends = dict(bos_token_id=None, eos_token_id=None)
    case("gpt2", GPT2LMHeadModel(GPT2Config(
        vocab_size=23, n_positions=16, n_embd=12, n_layer=2, n_head=3, **ends)), logits(23))
    llama = dict(vocab_size=23, hidden_size=16, intermediate_size=20, num_hidden_layers=2, num_attention_heads=4,
                 num_key_value_heads=2, max_position_embeddings=64, **ends)
    case("llama", LlamaForCausalLM(LlamaConfig(**llama)), logits(23))
    case("llama-biases", LlamaForCausalLM(LlamaConfig(
        **llama | dict(attention_bias=True, mlp_bias=True, tie_word_embeddings=True, head_dim=6))), logits(23))
    case("llama3", LlamaForCausalLM(LlamaConfig(**llama, rope_parameters={
        "rope_type": "llama3", "rope_theta": 1_000.0, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
        "original_max_position_embeddings": 32})), logits(23, 40))
    case("llama-yarn", LlamaForCausalLM(LlamaConfig(**llama, rope_parameters={
        "rope_type": "yarn", "rope_theta": 1_000.0, "factor": 4.0, "original_max_position_embeddings": 16})),
        logits(23, 40))
    case("llama-linear", LlamaForCausalLM(LlamaConfig(**llama, rope_parameters={
        "rope_type": "linear", "rope_theta": 10_000.0, "factor": 2.0})), logits(23))
    case("qwen2", Qwen2ForCausalLM(Qwen2Config(**llama, tie_word_embeddings=True)), logits(23))
    case("qwen2-window", Qwen2ForCausalLM(Qwen2Config(
        **llama, use_sliding_window=True, sliding_window=3, max_window_layers=1)), logits(23))
    case("mistral", MistralForCausalLM(MistralConfig(**llama, sliding_window=4)), logits(23))
    bert = dict(vocab_size=23, hidden_size=12, intermediate_size=20, num_hidden_layers=2, num_attention_heads=3,
                max_position_embeddings=16)
    case("bert", BertModel(BertConfig(**bert)), hidden(23))
    masked = BertForMaskedLM(BertConfig(**bert))
    case("bert-masked", masked, lambda model: (
        (name, tensor) for name, tensor in hidden(23)(model.bert) if name == "hidden2"))


if __name__ == "__main__":
    main()
