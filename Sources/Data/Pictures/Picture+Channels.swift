import CFormats

extension Picture {
  /// The picture in gray: colors by their luma (ITU-R BT.601), opacity composed over white paper.
  ///
  /// - Complexity: O(width · height).
  public func gray() -> Picture { converted(toChannels: 1) }

  /// The picture with 1, 3 or 4 channels; opacity that is lost is composed over white, opacity gained is full.
  func converted(toChannels target: Int) -> Picture {
    if target == channels { return self }
    let count = width * height
    let converted = [UInt8](unsafeUninitializedCapacity: count * target) { buffer, initialized in
      if let to = buffer.baseAddress { dn_convert_pixels(to, CInt(target), pixels, CInt(channels), count) }
      initialized = count * target
    }
    return Picture(unchecked: width, height: height, channels: target, pixels: converted)
  }
}
