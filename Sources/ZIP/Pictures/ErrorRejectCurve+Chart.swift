import Descent
import DescentFiles

extension ErrorRejectCurve {
  /// The curve as a chart: observed error rate among the accepted letters and its 95 % upper bound over the share of
  /// rejected letters, the error axis logarithmic.
  ///
  /// - Parameters:
  ///   - title: the line above the picture.
  ///   - operating: a point to be marked, the one at the threshold in use.
  ///   - target: an error rate to be drawn as a level.
  /// - Complexity: O(*n*).
  public func chart(
    title: String = "Error–reject curve", operating: Point? = nil, target: Double? = nil
  ) -> Chart {
    let axis = CurveAxis(self, target: target)
    let shown = axis.visiblePoints(of: self)
    // A rate of zero lies on the lower edge: the logarithm has no place for it.
    func height(_ rate: Double) -> Double { max(rate, axis.lowestError) }
    let bounded = shown.filter { $0.accepted > 0 }
    var marks: [Chart.Mark] = [
      .steps(
        bounded.map(\.rejectRate), bounded.map { height($0.upperBound) }, name: "95 % upper bound (one-sided)"
      ).colored(5).dashed(),
      .steps(shown.map(\.rejectRate), shown.map { height($0.errorRate) }, name: "observed").colored(0),
    ]
    if let target, target > 0 { marks.append(.level(y: target, name: "wanted: \(percent(target))").colored(1)) }
    if let operating, operating.accepted > 0, operating.rejectRate <= axis.rejectLimit {
      let text =
        "\(percent(operating.rejectRate)) rejected, \(operating.errors) of \(operating.accepted.grouped) wrong, "
        + "at most \(percent(operating.upperBound))"
      marks.append(.note(text, x: operating.rejectRate, y: height(operating.errorRate)).colored(1))
    }
    return Chart(
      title, subtitle: subtitle, x: .init("letters rejected", range: 0...axis.rejectLimit, format: .percent),
      y: .init("wrong among the accepted", .logarithmic, range: axis.lowestError...axis.highestError, format: .percent),
      marks)
  }

  private var subtitle: String {
    guard let first = points.first else { return "no letter was read" }
    return "\(total.grouped) letters; at the left edge \(percent(first.errorRate)) of \(first.accepted.grouped) "
      + "accepted are wrong; on the lower edge none is"
  }
}
