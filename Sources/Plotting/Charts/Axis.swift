extension Chart {
  /// An axis of a chart: its title, its scale, and how its numbers are written. A text stands for an axis of that title.
  public struct Axis: Sendable, Hashable, ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    /// How numbers become distances.
    public enum Scale: Sendable, Hashable {
      /// Equal differences are equal distances.
      case linear
      /// Equal ratios are equal distances; numbers that are not above zero leave gaps.
      case logarithmic
    }

    /// How numbers are written.
    public enum Format: Sendable, Hashable {
      /// As they are.
      case number
      /// As shares of a hundred: 0.25 is 25 %.
      case percent
    }

    /// What is written along the axis.
    public var title: String
    /// How numbers become distances.
    public var scale: Scale
    /// What the axis shows; `nil` for all that is drawn, with some room.
    public var range: ClosedRange<Double>?
    /// How numbers are written.
    public var format: Format
    /// What is written at 0, 1, 2 and so on, in place of numbers; upwards the first is at the top. Nothing for numbers.
    public var labels: [String]

    /// Creates an axis.
    ///
    /// - Parameters:
    ///   - title: What is written along the axis.
    ///   - scale: How numbers become distances.
    ///   - range: What the axis shows; `nil` for all that is drawn. A chart throws where its ends are not finite, or not
    ///     above zero on a logarithmic scale.
    ///   - format: How numbers are written.
    ///   - labels: What is written at 0, 1, 2 and so on, in place of numbers.
    public init(
      _ title: String = "", _ scale: Scale = .linear, range: ClosedRange<Double>? = nil, format: Format = .number,
      labels: [String] = []
    ) {
      self.title = title
      self.scale = scale
      self.range = range
      self.format = format
      self.labels = labels
    }

    /// Creates a linear axis of a title.
    public init(stringLiteral title: String) { self.init(title) }
  }
}
