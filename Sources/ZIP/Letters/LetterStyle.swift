/// How differently letters are written: the ranges that a generator draws from.
///
/// Lengths are in units of the digits' height on the line, angles in radians, brightness in levels of 0 … 255.
public struct LetterStyle: Sendable {
  /// The height of the digits on the canvas, in pixels.
  public var digitHeight: ClosedRange<Float> = 28...44
  /// How far a digit's height strays from the line's.
  public var sizeVariation: Float = 0.08
  /// The factor on the width of all digits of a line.
  public var stretch: ClosedRange<Float> = 0.88...1.15
  /// How far a digit's own stretch strays from the line's.
  public var stretchVariation: Float = 0.05
  /// The shear of all digits of a line: tangent of the slant, positive to the right.
  public var slant: ClosedRange<Float> = -0.10...0.16
  /// How far a digit's slant strays from the line's.
  public var slantVariation: Float = 0.03
  /// How far a digit is turned.
  public var rotation: Float = 0.05
  /// How far the line climbs or falls.
  public var tilt: Float = 0.03
  /// How far a digit jumps off the baseline.
  public var jump: Float = 0.05
  /// How far strokes are bent.
  public var wobble: Float = 0.012
  /// The width of the pen.
  public var penWidth: ClosedRange<Float> = 0.09...0.17
  /// The share of characters in which the pen skips: parts of their strokes are faint or missing.
  public var skippingShare: Float = 0
  /// The share of characters in which ink runs: strokes grow thicker by up to a pixel of the digit's picture on each side.
  public var runningShare: Float = 0
  /// The space between the ink of neighboring digits.
  public var gap: ClosedRange<Float> = 0.05...0.42
  /// How far one gap strays from the line's.
  public var gapVariation: Float = 0.10
  /// The share of pairs of digits that touch or overlap slightly.
  public var touchingShare: Float = 0.08
  /// How deep touching digits overlap at most.
  public var overlap: Float = 0.04
  /// The share of lines with ruled lines.
  public var ruledShare: Float = 0.22
  /// The share of lines in one box or in a row of boxes.
  public var boxedShare: Float = 0.15
  /// The white around the line.
  public var margin: ClosedRange<Float> = 0.12...0.9
  /// The brightness of the paper.
  public var paper: ClosedRange<Float> = 165...255
  /// How much darker the ink is than the paper.
  public var contrast: ClosedRange<Float> = 100...235
  /// How much the paper's brightness changes from edge to edge.
  public var shading: Float = 35
  /// The standard deviation of the noise, as a share of the contrast.
  public var noise: ClosedRange<Float> = 0...0.06
  /// The strength of the blur.
  public var blur: ClosedRange<Float> = 0...0.18
  /// The share of lines with specks of dirt.
  public var speckShare: Float = 0.2
  /// The share of lines in white on black.
  public var invertedShare: Float = 0.12
  /// The share of sheets that lie askew in the picture.
  public var skewedShare: Float = 0
  /// How far they do.
  public var skew: ClosedRange<Float> = -0.2...0.2
  /// The share of pictures with pepper: single pixels as dark as can be, or as light in a picture of white on black.
  public var pepperedShare: Float = 0
  /// The share of pixels that are pepper.
  public var pepper: ClosedRange<Float> = 0.002...0.03

  /// The variety of envelopes in the mail.
  public init() {}

  /// The variety of envelopes in the mail.
  public static let mail = LetterStyle()

  /// More varied than the mail: what is learned from it holds for hands that were never seen.
  public static var exercise: LetterStyle {
    var style = LetterStyle()
    style.stretchVariation = 0.09
    style.slantVariation = 0.06
    style.rotation = 0.10
    style.sizeVariation = 0.10
    style.wobble = 0.022
    style.penWidth = 0.08...0.18
    // What is left of a digit then may be another's: a reader that has seen that is less sure.
    style.skippingShare = 0.12
    style.runningShare = 0.08
    // What is left after straightening and cleaning.
    style.skewedShare = 0.2
    style.pepperedShare = 0.15
    return style
  }

  /// Separate digits in good ink on white paper.
  public static var clean: LetterStyle {
    var style = LetterStyle()
    style.touchingShare = 0
    style.gap = 0.12...0.35
    style.ruledShare = 0
    style.boxedShare = 0
    style.shading = 5
    style.noise = 0...0.02
    style.blur = 0...0.1
    style.contrast = 180...235
    style.paper = 240...255
    style.speckShare = 0
    style.invertedShare = 0
    style.tilt = 0.015
    style.wobble = 0.015
    return style
  }
}

/// What a generated line shows.
public enum LetterKind: String, CaseIterable, Sendable {
  /// A ZIP code: five digits.
  case code
  /// One digit too few.
  case fourDigits
  /// One digit too many.
  case sixDigits
  /// Any number of digits from one to seven but five.
  case otherLength
  /// Five characters of which one or two are capital letters.
  case mixed
  /// A word of capital letters.
  case word
  /// Nothing but paper.
  case blank
  /// Pen strokes that mean nothing.
  case scribble
  /// Shades and edges as in a photograph.
  case texture
}

/// How often a generator makes each kind of line; the numbers are weights, not shares.
public struct LetterMix: Sendable {
  /// The weight of each kind; a kind that is missing is never made.
  public var weights: [LetterKind: Float]

  /// A mixture of given weights.
  public init(_ weights: [LetterKind: Float]) {
    self.weights = weights
  }

  /// ZIP codes only.
  public static let codes = LetterMix([.code: 1])

  /// Mostly ZIP codes, and some of everything that has to be rejected: what the reader is trained on.
  public static let training = LetterMix([
    .code: 0.80, .fourDigits: 0.03, .sixDigits: 0.03, .otherLength: 0.03, .mixed: 0.05, .word: 0.03, .blank: 0.005,
    .scribble: 0.015, .texture: 0.01,
  ])

  /// Only what has to be rejected.
  public static let negatives = LetterMix([
    .fourDigits: 1, .sixDigits: 1, .mixed: 1, .word: 1, .blank: 1, .scribble: 1, .texture: 1,
  ])
}
