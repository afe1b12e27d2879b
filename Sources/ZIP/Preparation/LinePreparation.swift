import DescentData

/// Turns any picture of a line into the strip that the network reads.
///
/// The paper's brightness is estimated and taken away, whether ink is dark on light or light on dark; printed rules and
/// boxes are taken out; the writing is found, wide gaps in it are closed, and it is set into a strip of 32×160. Training letters go through the very same
/// function as a user's pictures, so what is learned is what is met.
public enum LinePreparation {
  /// The least width and height of a picture, in pixels.
  public static let smallestSide = 8

  /// The size to which the writing is shrunk before it is worked on.
  static let workingSize = (width: 480, height: 96)

  /// The size to which a larger picture is shrunk to find the writing in it.
  static let searchSize = (width: 800, height: 320)

  /// The height that the writing is scaled to, in a strip of 32.
  static let inkHeight: Float = 26

  /// Prepares a picture, grey or colour.
  ///
  /// - Throws: A ``Rejection``: too small, blank, or no writing on paper.
  /// - Complexity: O(pixels).
  public static func prepare(_ picture: Picture) throws(Rejection) -> LineImage {
    try prepare(GrayImage(picture))
  }

  /// Prepares a grey picture.
  ///
  /// - Throws: A ``Rejection``: too small, blank, or no writing on paper.
  /// - Complexity: O(pixels), about a fifth of a millisecond for a picture of 60×240 in a release build.
  public static func prepare(_ image: GrayImage) throws(Rejection) -> LineImage {
    guard image.width >= smallestSide, image.height >= smallestSide else {
      throw .tooSmall(width: image.width, height: image.height)
    }
    var area = InkBox(x: 0, y: 0, width: image.width, height: image.height)
    if image.width > workingSize.width || image.height > workingSize.height {
      area = try searchedArea(of: image)
    }
    var ink = try writing(in: image.light(within: area, shrunkTo: workingSize))
    guard var box = InkBox.around(ink) else { throw .blank }
    (ink, box) = closingGaps(of: ink, box: box)
    return strip(ink, box: box)
  }

  /// Where a large picture's writing is, with some paper around it.
  private static func searchedArea(of image: GrayImage) throws(Rejection) -> InkBox {
    let whole = InkBox(x: 0, y: 0, width: image.width, height: image.height)
    let light = image.light(within: whole, shrunkTo: searchSize)
    guard let box = InkBox.around(try writing(in: light)) else { throw .blank }
    let scaleX = Float(image.width) / Float(light.width)
    let scaleY = Float(image.height) / Float(light.height)
    let margin = Float(box.height) * 0.4 + 2
    let left = max(Int((Float(box.x) - margin) * scaleX), 0)
    let top = max(Int((Float(box.y) - margin) * scaleY), 0)
    let right = min(Int((Float(box.x + box.width) + margin) * scaleX), image.width)
    let bottom = min(Int((Float(box.y + box.height) + margin) * scaleY), image.height)
    return InkBox(x: left, y: top, width: right - left, height: bottom - top)
  }

  /// Narrows the empty spaces between characters that are wider than a third of their height, as in a row of boxes:
  /// the strip's width is for writing.
  private static func closingGaps(of ink: Plane, box: InkBox) -> (Plane, InkBox) {
    let widest = max(box.height * 3 / 10, 3)
    var kept: [Int] = []
    var gap = 0
    for x in box.x..<(box.x + box.width) {
      let isEmpty = (box.y..<(box.y + box.height)).allSatisfy { ink[x, $0] < 0.3 }
      gap = isEmpty ? gap + 1 : 0
      if gap <= widest { kept.append(x) }
    }
    guard kept.count < box.width else { return (ink, box) }
    var result = Plane(width: kept.count, height: ink.height)
    for y in 0..<ink.height {
      for (column, x) in kept.enumerated() { result[column, y] = ink[x, y] }
    }
    return (result, InkBox(x: 0, y: box.y, width: kept.count, height: box.height))
  }

  /// The ink of a picture, without printed lines.
  private static func writing(in light: Plane) throws(Rejection) -> Plane {
    var ink = try InkExtraction.ink(in: light)
    RuleRemoval.removeRules(from: &ink)
    return ink
  }

  /// Sets the writing into the strip: 26 high, about 140 wide if that changes its proportions by less than a quarter.
  private static func strip(_ ink: Plane, box: InkBox) -> LineImage {
    let boxWidth = Float(box.width)
    var scaleY = inkHeight / Float(box.height)
    var scaleX = min(max(140 / boxWidth, 0.75 * scaleY), 1.25 * scaleY)
    scaleX = min(scaleX, 152 / boxWidth)
    scaleY = min(scaleY, scaleX / 0.55)
    let centreX = Float(box.x) + boxWidth / 2
    let centreY = Float(box.y) + Float(box.height) / 2
    let sourceWidth = Float(LineImage.width) / scaleX
    let sourceHeight = Float(LineImage.height) / scaleY
    let result = ink.resampled(
      x: centreX - sourceWidth / 2, y: centreY - sourceHeight / 2, width: sourceWidth, height: sourceHeight,
      to: LineImage.width, by: LineImage.height, outside: 0)
    return LineImage(checked: result.values.map { min(max($0, 0), 1) })
  }
}
