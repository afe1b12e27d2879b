#!/usr/bin/env python3
"""Writes what scikit-learn makes of metrics, for Tests/LayersTests/MetricValueTests.swift to hold Descent against.

    scripts/metric-values.py > Tests/LayersTests/MetricValues.swift

Needs scikit-learn. Each line is a metric and its numbers, without and with weights. Operands follow formulas that the tests
repeat.
"""

import math
import warnings

import numpy as np
import sklearn
from scipy.special import expit, log_softmax, softmax
from sklearn import metrics as m

warnings.filterwarnings("ignore")


def sample(*sizes, seed=1):
    count = math.prod(sizes)
    return np.array([math.sin((i * 7 + seed * 13) * 1.7 + 0.3) for i in range(count)]).reshape(sizes)


logits = 3 * sample(24, 5)
# Class 4 has no labels, and class 3 is never predicted.
logits[:, 3] = -9
found = logits.argmax(-1)
labels = np.array([i * 7 % 4 if i % 3 else found[i] % 4 for i in range(24)])
weights = np.array([(i % 4) / 2 + 0.25 for i in range(24)])
chances = softmax(logits, -1)
# Scores that meet, so that ties count.
scores = np.round(4 * sample(30, seed=5)) / 2
outcomes = (sample(30, seed=8) + scores > 0).astype(int)
counts = np.array([(i % 3) + 0.5 for i in range(30)])
outputs, targets = sample(20, 2, seed=3), 100 + sample(20, 2, seed=4)
outputs = outputs + targets
sizes = np.array([(i % 5) / 4 + 0.5 for i in range(20)])
positive, others = np.abs(sample(20, seed=6)), np.abs(sample(20, seed=7))


def calibration(confidences, rights, weight, bins):
    """The formula of Guo et al., bin by bin."""
    error = 0.0
    for b in range(bins):
        inside = (confidences > b / bins) & (confidences <= (b + 1) / bins)
        if inside.any():
            w = weight[inside]
            gap = abs(np.average(rights[inside], weights=w) - np.average(confidences[inside], weights=w))
            error += w.sum() / weight.sum() * gap
    return error


def classes(weight):
    w = np.ones(24) if weight is None else weight
    rows = {"accuracy": m.accuracy_score(labels, found, sample_weight=weight)}
    rows["topAccuracy(2)"] = m.top_k_accuracy_score(labels, logits, k=2, labels=range(5), sample_weight=weight)
    rows["balancedAccuracy"] = m.balanced_accuracy_score(labels, found, sample_weight=weight)
    pairs = [("precision", m.precision_score), ("recall", m.recall_score), ("f1", m.f1_score),
             ("intersectionOverUnion", m.jaccard_score)]
    for name, score in pairs:
        for average in ["micro", "macro", "weighted"]:
            rows[f"{name}({average})"] = score(
                labels, found, average=average, sample_weight=weight, zero_division=0)
        rows[f"{name}(none)"] = score(
            labels, found, labels=range(5), average=None, sample_weight=weight, zero_division=0)
    rows["confusionMatrix"] = m.confusion_matrix(labels, found, labels=range(5), sample_weight=weight)
    rows["logLoss"] = m.log_loss(labels, chances, labels=range(5), sample_weight=weight)
    rows["perplexity"] = math.exp(rows["logLoss"])
    rows["bitsPerCharacter"] = rows["logLoss"] / math.log(2)
    rows["brierScore"] = m.brier_score_loss(labels, chances, labels=range(5), sample_weight=weight)
    rows["calibrationError"] = calibration(chances.max(-1), (found == labels).astype(float), w, 15)
    rows["areaUnderROCOfClasses"] = np.mean(
        [m.roc_auc_score(labels == c, chances[:, c], sample_weight=weight) for c in range(4)])
    return rows


def binary(weight):
    w = np.ones(30) if weight is None else weight
    decided, chance = (scores > 0).astype(int), expit(scores)
    rows = {"binaryAccuracy": m.accuracy_score(outcomes, decided, sample_weight=weight)}
    rows["binaryPrecision"] = m.precision_score(outcomes, decided, sample_weight=weight)
    rows["binaryRecall"] = m.recall_score(outcomes, decided, sample_weight=weight)
    rows["binaryF1"] = m.f1_score(outcomes, decided, sample_weight=weight)
    rows["binaryIntersectionOverUnion"] = m.jaccard_score(outcomes, decided, sample_weight=weight)
    rows["binaryF1 at 0.7"] = m.f1_score(outcomes, chance > 0.7, sample_weight=weight)
    rows["areaUnderROC"] = m.roc_auc_score(outcomes, scores, sample_weight=weight)
    rows["averagePrecision"] = m.average_precision_score(outcomes, scores, sample_weight=weight)
    rows["binaryLogLoss"] = m.log_loss(outcomes, chance, sample_weight=weight)
    rows["binaryBrierScore"] = m.brier_score_loss(outcomes, chance, sample_weight=weight)
    rows["binaryCalibrationError"] = calibration(chance, outcomes.astype(float), w, 10)
    return rows


def errors(weight):
    w = np.ones(20) if weight is None else weight
    rows = {"meanError": np.average(outputs - targets, axis=0, weights=w).mean()}
    rows["meanAbsoluteError"] = m.mean_absolute_error(targets, outputs, sample_weight=weight)
    rows["meanSquaredError"] = m.mean_squared_error(targets, outputs, sample_weight=weight)
    rows["rootMeanSquaredError"] = math.sqrt(rows["meanSquaredError"])
    rows["meanAbsolutePercentageError"] = m.mean_absolute_percentage_error(targets, outputs, sample_weight=weight)
    rows["meanSquaredLogarithmicError"] = m.mean_squared_log_error(targets, outputs, sample_weight=weight)
    rows["rSquared"] = m.r2_score(targets, outputs, sample_weight=weight)
    rows["maximumError"] = np.abs(outputs - targets).max()
    rows["medianAbsoluteError"] = m.median_absolute_error(targets.ravel(), outputs.ravel())
    return rows


def text(value):
    return " ".join(repr(float(n)) for n in np.asarray(value).reshape(-1))


print(f"""/// What scikit-learn {sklearn.__version__} makes of metrics: `scripts/metric-values.py` writes this file.
let storedMetrics = \"\"\"""")
for group, weight in [(classes, weights), (binary, counts), (errors, sizes)]:
    plain, weighted = group(None), group(weight)
    for name in plain:
        print(f"  {name} | {text(plain[name])} | {text(weighted[name])}")
print('  """')
