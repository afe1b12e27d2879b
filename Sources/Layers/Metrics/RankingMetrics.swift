import DescentGraph
import DescentTensors

/// Scores with labels and weights, in the order of scores.
private struct Ranking {
  /// The weights of positive and negative elements of each score, the largest first.
  private(set) var groups: [(positive: Double, negative: Double)] = []
  private(set) var positive = 0.0
  private(set) var negative = 0.0

  /// - Complexity: O(n log n).
  init(_ scores: [Double], _ isActual: (Int) -> Bool, _ weights: [Double]) {
    var last = Double.nan
    for index in scores.indices.filter({ weights[$0] != 0 }).sorted(by: { scores[$0] > scores[$1] }) {
      if scores[index] != last { groups.append((0, 0)) }
      last = scores[index]
      let isPositive = isActual(index)
      if isPositive {
        groups[groups.count - 1].positive += weights[index]
        positive += weights[index]
      } else {
        groups[groups.count - 1].negative += weights[index]
        negative += weights[index]
      }
    }
  }

  /// The area under the receiver operating characteristic: NaN where there is one kind of element only.
  var areaUnderROC: Double {
    var (above, area) = (0.0, 0.0)
    for group in groups {
      area += group.negative * (above + group.positive / 2)
      above += group.positive
    }
    return area / (positive * negative)
  }

  /// The sum over scores of precision times what recall gains there.
  var averagePrecision: Double {
    var (found, seen, sum) = (0.0, 0.0, 0.0)
    for group in groups where group.positive + group.negative > 0 {
      found += group.positive
      seen += group.positive + group.negative
      sum += group.positive * found / seen
    }
    return positive == 0 ? 0 : sum / positive
  }
}

extension Metric {
  /// A number made of all scores in their order.
  private static func ranking(_ name: String, _ value: @escaping @Sendable (Ranking) -> Double) -> Metric {
    Metric(
      name, joining: [.concatenation, .concatenation, .concatenation],
      contributions: { logits, labels, weights in
        let decisions = try BinaryDecisions(name, logits, labels, weights)
        return [decisions.logits, decisions.isActual, decisions.weights]
      },
      value: { parts in
        let hasNaN = zip(parts[0].values, parts[2].values).contains { $0.isNaN && $1 != 0 }
        if hasNaN { return Tensor(.nan, .float64) }
        return Tensor(value(Ranking(parts[0].values, { parts[1].values[$0] != 0 }, parts[2].values)), .float64)
      })
  }

  /// The area under the receiver operating characteristic: the probability that an element of the class has a larger score
  /// than one that is not, of scores and labels 0 and 1 of one shape; NaN where all labels are the same.
  ///
  /// It is exact, for which all scores are kept: 24 bytes an element.
  public static let areaUnderROC = ranking("areaUnderROC") { $0.areaUnderROC }

  /// The average precision: the area under precision over recall, by steps without interpolation, of scores and labels 0 and
  /// 1 of one shape; 0 where no label is 1.
  ///
  /// It is exact, for which all scores are kept: 24 bytes an element.
  public static let averagePrecision = ranking("averagePrecision") { $0.averagePrecision }

  /// The mean over classes of the area under the receiver operating characteristic of each against all others, by softmax
  /// probabilities of logits `[batch…, classes]`. Classes that no row or all rows have are left out.
  ///
  /// It is exact, for which all probabilities are kept: 8 bytes an element.
  public static let areaUnderROCOfClasses = Metric(
    "areaUnderROCOfClasses", joining: [.concatenation, .concatenation, .concatenation],
    contributions: { logits, labels, weights in
      let decisions = try ClassDecisions("areaUnderROCOfClasses", logits, labels, weights)
      return [softmax(decisions.logits), decisions.actual, decisions.weights]
    },
    value: { parts in
      let rows = parts[1].values.count
      let classes = rows == 0 ? 0 : parts[0].values.count / rows
      let hasNaN = parts[0].values.indices.contains { parts[0].values[$0].isNaN && parts[2].values[$0 / classes] != 0 }
      if hasNaN { return Tensor(.nan, .float64) }
      let areas = (0..<classes).map { number in
        Ranking(
          (0..<rows).map { parts[0].values[$0 * classes + number] }, { parts[1].values[$0] == Double(number) },
          parts[2].values
        ).areaUnderROC
      }
      let known = areas.filter { !$0.isNaN }
      return Tensor(known.reduce(0, +) / Double(known.count), .float64)
    })
}
