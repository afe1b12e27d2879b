/// A color of a drawing: by what it is for, so that it differs between styles, or the same in all.
package enum Ink: Hashable, Sendable, ExpressibleByStringLiteral {
  /// What lies under everything.
  case background
  /// Titles.
  case ink
  /// What is written along axes.
  case faint
  /// Lines within the chart that help to read it.
  case grid
  /// The chart's edges.
  case frame
  /// The color of a curve by its number; those past the last begin again.
  case series(Int)
  /// A color by its notation in CSS.
  case fixed(String)
  /// Nothing.
  case none

  package init(stringLiteral color: String) { self = .fixed(color) }

  /// How many colors curves have before they repeat.
  package static let seriesCount = light.count

  // The colors of Okabe and Ito (2008), which people tell apart whatever they see of red and green, in an order that keeps
  // neighbors apart in lightness too. On black they are lighter, and yellow, which white swallows, takes part.
  private static let light = ["#0072b2", "#d55e00", "#009e73", "#b0468a", "#c98a00", "#3fa7dd", "#5b5b66"]
  private static let dark = ["#56b4e9", "#ff9248", "#2fcf9f", "#e79ccb", "#f0d544", "#9bb5ff", "#c3c3cc"]

  /// The color in CSS.
  func css(isDark: Bool) -> String {
    switch self {
    case .background: isDark ? "#14171c" : "#ffffff"
    case .ink: isDark ? "#eceff4" : "#1c2430"
    case .faint: isDark ? "#a3adbd" : "#5c6675"
    case .grid: isDark ? "#2b313b" : "#e4e7ec"
    case .frame: isDark ? "#5c6675" : "#9aa3b0"
    case .series(let index):
      if index < 0 {
        isDark ? "#7d8797" : "#9aa3b0"
      } else {
        (isDark ? Self.dark : Self.light)[index % Self.seriesCount]
      }
    case .fixed(let color): color
    case .none: "none"
    }
  }

  /// The name of its class in a document that follows the reader's system; `nil` where it is the same in all styles.
  var className: String? {
    switch self {
    case .background: "background"
    case .ink: "ink"
    case .faint: "faint"
    case .grid: "grid"
    case .frame: "frame"
    case .series(let index): index < 0 ? "gray" : "series\(index % Self.seriesCount)"
    case .fixed, .none: nil
    }
  }
}
