/// The bytes that were read from a file of experts and written to it, as counted where they were.
public struct PageTraffic: Sendable, Hashable {
  /// The bytes of experts that were read: parameters, and what the optimizer remembers of them.
  public var expertBytesRead = 0
  /// The bytes of experts that were written.
  public var expertBytesWritten = 0
  /// The bytes that were read of what experts share: the rest of the model, and what the optimizer remembers of that.
  public var sharedBytesRead = 0
  /// The bytes that were written of what experts share.
  public var sharedBytesWritten = 0
  /// The bytes of the table and of commit pages that were written.
  public var tableBytesWritten = 0

  /// Nothing.
  public init() {}
}
