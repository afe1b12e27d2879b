import CNative
import DescentFiles

/// A buffer that a native function fills with one line about its failure, and the buffer's size.
private let messageCapacity = 512

/// Calls a native function that returns nonzero and writes a line on failure; the line becomes the error's fault.
func callNative(
  path: String, _ body: (UnsafeMutablePointer<CChar>, Int) throws -> CInt
) throws {
  try withUnsafeTemporaryAllocation(of: CChar.self, capacity: messageCapacity) { message in
    message.initialize(repeating: 0)
    guard let base = message.baseAddress else { return }
    if try body(base, messageCapacity) != 0 {
      let fault = message[0] == 0 ? "the native library gave no reason" : String(cString: base)
      throw FileError(path, fault)
    }
  }
}

/// Calls a native function that makes memory for `dn_free`, and returns a copy of what it made.
func nativeBytes(
  path: String,
  _ body: (
    UnsafeMutablePointer<UnsafeMutableRawPointer?>, UnsafeMutablePointer<Int>, UnsafeMutablePointer<CChar>, Int
  ) -> CInt
) throws -> [UInt8] {
  var output: UnsafeMutableRawPointer?
  var count = 0
  defer { dn_free(output) }
  try callNative(path: path) { message, capacity in body(&output, &count, message, capacity) }
  return [UInt8](UnsafeRawBufferPointer(start: output, count: count))
}
