/// The cyclic redundancy check with Castagnoli's polynomial, as record files of TensorFlow carry it.
enum CRC32C {
  /// The remainders of all bytes, for the polynomial with its bits reversed.
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1 }
  }

  /// The check of some bytes.
  static func check(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~0) { value, byte in value >> 8 ^ table[Int(UInt8(truncatingIfNeeded: value) ^ byte)] }
  }

  /// The check turned and shifted, so that the check of data that holds checks is not a special case.
  static func masked(_ bytes: [UInt8]) -> UInt32 {
    let check = check(bytes)
    return (check >> 15 | check << 17) &+ 0xA282_EAD8
  }
}
