import DescentData

/// A picture made ready for the network, or the reason why it is not read; a few kilobytes, whatever the picture's size.
public struct PreparedPicture: Sendable {
  /// The strip's ink in 255 levels; nil where the picture is rejected.
  let levels: [UInt8]?
  /// Why the picture is rejected before the network sees it; nil where it is not.
  let rejection: Rejection?

  /// Prepares a gray picture.
  ///
  /// - Complexity: O(pixels).
  public init(_ image: GrayImage) {
    do throws(Rejection) { (levels, rejection) = (try LinePreparation.prepare(image).levels, nil) } catch {
      (levels, rejection) = (nil, error)
    }
  }

  /// Prepares a picture, gray or color.
  ///
  /// - Complexity: O(pixels).
  public init(_ picture: Picture) { self.init(GrayImage(picture)) }
}
