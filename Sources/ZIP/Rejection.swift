/// Why a letter is not read.
public enum Rejection: Error, Hashable, Sendable {
  /// The picture has fewer pixels than a line of digits needs.
  case tooSmall(width: Int, height: Int)
  /// There is nothing but paper.
  case blank
  /// There is no paper that ink could stand on: a photograph, a pattern.
  case photograph
  /// There is nothing but specks and grain.
  case noise
  /// There are several lines or groups of writing, each long enough to be a code.
  case several(Int)
  /// The line has another number of digits than five.
  case digitCount(Int)
  /// The character at a position, counted from 1, is not a digit.
  case notADigit(position: Int)
  /// The reading is not sure enough.
  case unsure(reading: String, confidence: Double, threshold: Double)
  /// The line may lie upside down: turned round, it says another code more surely.
  case upsideDown(turned: String)
  /// No code of the list of valid ZIP codes fits what is written.
  case notInList(reading: String)
}

extension Rejection {
  /// The reason's name, for machines: "unsure".
  public var name: String {
    switch self {
    case .tooSmall: "tooSmall"
    case .blank: "blank"
    case .photograph: "photograph"
    case .noise: "noise"
    case .several: "several"
    case .digitCount: "digitCount"
    case .notADigit: "notADigit"
    case .unsure: "unsure"
    case .upsideDown: "upsideDown"
    case .notInList: "notInList"
    }
  }
}

extension Rejection: CustomStringConvertible {
  public var description: String {
    switch self {
    case .tooSmall(let width, let height):
      "the picture is too small: \(width)×\(height) pixels, at least \(LinePreparation.smallestSide) each way needed"
    case .blank: "blank paper"
    case .photograph: "no writing on paper: a photograph or a pattern"
    case .noise: "no writing found: nothing but noise"
    case .several(let count):
      "\(count) lines or groups of writing, which may be as many codes: a picture of each alone is needed"
    case .digitCount(0): "no digits"
    case .digitCount(1): "1 digit, not 5"
    case .digitCount(let count): "\(count) digits, not 5"
    case .notADigit(let position): "the \(Self.ordinal(position)) character is not a digit"
    case .unsure(let reading, let confidence, let threshold):
      "unsure: \(reading) with confidence \(shortDecimal(confidence)), \(shortDecimal(threshold)) needed"
    case .upsideDown(let turned): "it may lie upside down: turned round it reads \(turned)"
    case .notInList(let reading): "\(reading) is not a valid ZIP code, and no valid one is near enough"
    }
  }

  private static func ordinal(_ number: Int) -> String {
    switch (number % 10, number % 100) {
    case (1, let rest) where rest != 11: "\(number)st"
    case (2, let rest) where rest != 12: "\(number)nd"
    case (3, let rest) where rest != 13: "\(number)rd"
    default: "\(number)th"
    }
  }
}
