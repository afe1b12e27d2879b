#!/usr/bin/env python3
"""Writes what Hugging Face's models give, for Tests/TextTests/pretrained-values.txt:

    scripts/pretrained-values.py > Tests/TextTests/pretrained-values.txt

Needs PyTorch, transformers and sentence-transformers. Each case is a small model whose weights follow from a formula over name and place, the same
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


def case(title, model, outputs, files={}):
    """Stores a case: outputs(model) gives names and tensors; files are further ones of the folder, as JSON."""
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
    for name, content in files.items():
        line("file", name, json.dumps(content, ensure_ascii=False))
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


SENTENCES = ["A man eats.", "somebody has a lunch", "eat, eat, eat; a man has a man and a lunch has a man!", "",
             "unheard words"]


def piece_tokenizer():
    """A tokenizer of pieces of words, as the ones of BERT are."""
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "man", "eat", "##s", "some", "##body", "has", "lunch",
             "and", ".", ",", ";", "!", "un", "##heard", "word"]
    tokenizer = Tokenizer(models.WordPiece({word: place for place, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.add_special_tokens(words[:5])
    return tokenizer


def sentences(title, configuration, pooling, normalizes):
    """Stores what sentence-transformers makes of SENTENCES, the third of which is longer than the model's limit."""
    from sentence_transformers import SentenceTransformer
    from transformers import BertModel, PreTrainedTokenizerFast
    import logging
    logging.disable(logging.WARNING)
    modules = [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
               {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]
    if normalizes:
        modules.append({"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"})
    files = {
        "tokenizer.json": json.loads(piece_tokenizer().to_str()),
        "modules.json": modules,
        "1_Pooling/config.json": {"word_embedding_dimension": configuration.hidden_size, **pooling},
        "sentence_bert_config.json": {"max_seq_length": 14, "do_lower_case": False},
    }

    def outputs(model):
        with tempfile.TemporaryDirectory() as folder:
            os.mkdir(folder + "/1_Pooling")
            os.mkdir(folder + "/2_Normalize")
            PreTrainedTokenizerFast(tokenizer_object=piece_tokenizer(), pad_token="[PAD]", unk_token="[UNK]",
                                    cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]").save_pretrained(folder)
            model.save_pretrained(folder)
            for name, content in files.items():
                with open(f"{folder}/{name}", "w") as file:
                    json.dump(content, file)
            library = SentenceTransformer(folder, device="cpu")
            yield "vectors", torch.tensor(library.encode(SENTENCES, show_progress_bar=False))

    case(title, BertModel(configuration), outputs, files)


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
    small = BertConfig(**bert)
    sentences("sentences", small, {"pooling_mode_mean_tokens": True}, True)
    sentences("sentences-plain", small, {
        "pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False, "pooling_mode_max_tokens": True,
        "pooling_mode_mean_sqrt_len_tokens": True}, False)
    sentences("sentences-newer", small, {"pooling_mode": "max", "embedding_dimension": 12}, True)


if __name__ == "__main__":
    main()
