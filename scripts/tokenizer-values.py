#!/usr/bin/env python3
# Makes small tokenizers of the kinds that tokenizer.json files have, and stores what the library makes of a corpus with them:
#   scripts/tokenizer-values.py Tests/TextTests/tokenizers
# The stored values are those of tokenizers 0.23.3. Needs tokenizers, and tiny Shakespeare in ../shared/data/text.
import json, os, sys
from tokenizers import Tokenizer, models, pre_tokenizers, decoders, normalizers, processors, trainers, Regex, AddedToken
out = sys.argv[1]
base = open(os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../shared/data/text/tinyshakespeare_input.txt')).read()[:60000]
extra = """Größe, naïve café — “quotes”… 12345 67.89 3½ ² x² №5 don't DON'T we'LL it's I'M they're
日本語のテキスト、中文字符和标点。 한국어 العربية עברית हिन्दी ไทย русский Ελληνικά ΣΊΣΥΦΟΣ
👩‍👩‍👧 🏳️‍🌈 e\u0301 é ﬁ ﬀ Ⅷ ① ｆｕｌｌ　ｗｉｄｔｈ \u00a0nbsp\u2003em\u2028line\u0085nel\x0bvt\x0cff\x1c
    def f(x):\n\t\treturn  x**2   # tabs\n\n\n  \r\n\r\n end   
a  b   c    d\n\n x \n y  \t z İstanbul ſ'ſ 'ſ K's
"""
corpus = base + extra * 20
texts = ["", " ", "  ", "a", " a", "a ", "Hello world", "  two  spaces ", "\n\n", "x\n\ny", "don't can't WE'LL I'M 's",
  "1234567 12 3.14", "naïve café", "e\u0301 vs é", "日本語 mixed 中文 text", "👩‍👩‍👧🏳️‍🌈", "\u00a0nb\u2003em\u2028l\u0085n\x0bv\x0cf\x1cg", "İSTANBUL Straße ΣΊΣΥΦΟΣ",
  "<|endoftext|>", "a<|endoftext|>b", "[CLS] [MASK] x", " [MASK] ", "<s>x</s>", "tab\tand\r\nCRLF", "trailing   ", "a\u200db\u200c", "x² ½ Ⅷ ①", "ſ'ſ don'ſ",
  "\x00null\ufffd", "##hash ▁mark", "punct!?.,;:()[]{}«»¿", "ﬁne ｆｕｌｌ", "ไทย हिन्दी", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
] + extra.split("\n") + base[30000:31000].split("\n\n")
gpt2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
llama3 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
o200k = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
def gpt2_kind():
    t = Tokenizer(models.BPE()); t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    t.decoder = decoders.ByteLevel(); t.post_processor = processors.ByteLevel(trim_offsets=False)
    t.train_from_iterator([corpus], trainers.BpeTrainer(vocab_size=600, special_tokens=["<|endoftext|>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)); return t
def roberta_kind():
    t = Tokenizer(models.BPE()); t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    t.decoder = decoders.ByteLevel()
    t.train_from_iterator([corpus], trainers.BpeTrainer(vocab_size=520, special_tokens=["<s>","</s>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    t.post_processor = processors.RobertaProcessing(sep=("</s>",1), cls_token=("<s>",0)); 
    t.add_special_tokens([AddedToken("[MASK]", lstrip=True)]); return t
def llama3_kind(pattern=llama3):
    t = Tokenizer(models.BPE(ignore_merges=True)); t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(pattern), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    t.decoder = decoders.ByteLevel()
    t.train_from_iterator([corpus], trainers.BpeTrainer(vocab_size=600, special_tokens=["<s>","<|endoftext|>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    t.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=False), processors.TemplateProcessing(single="<s> $A", pair="<s> $A <s>:1 $B:1", special_tokens=[("<s>",0)])]); return t
def llama2_kind():
    t = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    t.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    # Words of their own while learning only: a text without them is one word.
    t.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="never")
    t.train_from_iterator([base], trainers.BpeTrainer(vocab_size=560, special_tokens=["<unk>","<s>","</s>"]+[f"<0x{b:02X}>" for b in range(256)], show_progress=False))
    j = json.loads(t.to_str()); j["pre_tokenizer"] = None
    j["added_tokens"] = [a for a in j["added_tokens"] if a["id"] < 3]
    t = Tokenizer.from_str(json.dumps(j))
    t.decoder = decoders.Sequence([decoders.Replace("▁"," "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ",1,0)])
    t.post_processor = processors.TemplateProcessing(single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>",1)]); return t
def metaspace_kind():
    t = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=False)); t.normalizer = normalizers.NFKC()
    t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Metaspace(prepend_scheme="first"), pre_tokenizers.Digits(individual_digits=True)])
    t.decoder = decoders.Metaspace(prepend_scheme="first")
    t.train_from_iterator([base], trainers.BpeTrainer(vocab_size=300, special_tokens=["<unk>","<s>"], show_progress=False)); return t
def clip_kind():
    t = Tokenizer(models.BPE(unk_token="<unk>", end_of_word_suffix="</w>")); t.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase(), normalizers.Strip()])
    t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation()])
    t.decoder = decoders.BPEDecoder(suffix="</w>")
    t.train_from_iterator([base], trainers.BpeTrainer(vocab_size=300, special_tokens=["<unk>"], end_of_word_suffix="</w>", show_progress=False)); return t
def bert_kind(lower=True, vocab=500):
    t = Tokenizer(models.WordPiece(unk_token="[UNK]")); t.normalizer = normalizers.BertNormalizer(lowercase=lower)
    t.pre_tokenizer = pre_tokenizers.BertPreTokenizer(); t.decoder = decoders.WordPiece(cleanup=True)
    t.train_from_iterator([corpus], trainers.WordPieceTrainer(vocab_size=vocab, special_tokens=["[PAD]","[UNK]","[CLS]","[SEP]","[MASK]"], show_progress=False))
    c, s = t.token_to_id("[CLS]"), t.token_to_id("[SEP]")
    t.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]",c),("[SEP]",s)])
    t.add_tokens([AddedToken("mixed", single_word=True, normalized=True)]); return t
os.makedirs(out, exist_ok=True)
cases = {}
for name, t in [("gpt2", gpt2_kind()), ("roberta", roberta_kind()), ("llama3", llama3_kind()), ("o200k", llama3_kind(o200k)), ("llama2", llama2_kind()), ("metaspace", metaspace_kind()), ("clip", clip_kind()), ("bert", bert_kind()), ("bert-cased", bert_kind(False, 400))]:
    open(f"{out}/{name}.json","w").write(json.dumps(json.loads(t.to_str()), ensure_ascii=False, separators=(",",":")))
    t = Tokenizer.from_file(f"{out}/{name}.json")
    cases[name] = [{"ids": t.encode(x, add_special_tokens=False).ids, "text": t.decode(t.encode(x).ids)} for x in texts]
    cases[name][6]["whole"] = t.encode(texts[6]).ids
json.dump({"texts": texts, "cases": cases}, open(f"{out}/values.json","w"), ensure_ascii=False, separators=(",",":"))
# What learning gives of the texts, without those that have special tokens, which the library learns from like other text.
learn = "\n".join(x for x in texts if "<|" not in x)
open(f"{out}/learn.txt","w").write(learn)
t = Tokenizer(models.BPE()); t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(llama3), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
t.train_from_iterator([learn], trainers.BpeTrainer(vocab_size=800, special_tokens=["<|endoftext|>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False, min_frequency=2))
json.dump(json.loads(t.to_str())["model"]["merges"], open(f"{out}/merges.json","w"), ensure_ascii=False, separators=(",",":"))
