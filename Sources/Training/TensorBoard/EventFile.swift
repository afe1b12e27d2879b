import DescentData
import DescentFiles
import DescentGraph
import DescentTensors
import Foundation

/// A file of events that TensorBoard shows: scalars, histograms, pictures, texts, hyper-parameters.
///
/// ```swift
/// let events = try EventFile(in: "runs/lenet")
/// try events.write(scalar: 0.25, named: "loss", step: 100)
/// ```
///
/// `tensorboard --logdir runs` shows what is in it while it grows. The form is that of TensorFlow's record files, each
/// record with its length and checks; every write reaches the file whole.
public final class EventFile: Sendable {
  /// The file, `events.out.tfevents.…` in its directory.
  public let path: String
  private let file: Guarded<OpenFile>
  private let clock: @Sendable () -> Double

  /// Makes a file in a directory, which is made where it does not exist.
  ///
  /// - Parameters:
  ///   - directory: The directory of the run.
  ///   - step: The step after which a run goes on, whose earlier files may hold events of later steps: TensorBoard drops
  ///     those then.
  /// - Throws: `FileError`.
  public convenience init(in directory: String, after step: Int? = nil) throws {
    try self.init(in: directory, after: step) { Date().timeIntervalSince1970 }
  }

  init(in directory: String, after step: Int?, clock: @escaping @Sendable () -> Double) throws {
    try FileSystem.makeDirectory(directory)
    let base = "\(directory)/events.out.tfevents.\(Int(clock())).\(ProcessInfo.processInfo.hostName)"
    let process = ProcessInfo.processInfo.processIdentifier
    let free = (0...).lazy.map { "\(base).\(process).\($0)" }.first { FileSystem.kind(at: $0) == nil }
    path = free ?? base
    self.clock = clock
    file = Guarded(try OpenFile.appending(path))
    try write { $0.string(3, "brain.Event:2") }
    if let step {
      try write {
        $0.integer(2, step + 1)
        // A session that begins: events of this step and later ones in older files do not count.
        $0.message(7, ProtocolBuffer { $0.integer(1, 1) })
      }
    }
  }

  /// Writes a number.
  ///
  /// - Throws: `FileError`.
  public func write(scalar: Double, named name: String, step: Int) throws {
    try write(name, step) { $0.float(2, Float(scalar)) }
  }

  /// Writes how numbers are distributed.
  ///
  /// - Throws: `FileError`.
  public func write(histogram: Histogram, named name: String, step: Int) throws {
    // TensorBoard takes no histogram of nothing.
    guard histogram.count > 0 else { return }
    let message = ProtocolBuffer {
      $0.double(1, histogram.minimum)
      $0.double(2, histogram.maximum)
      $0.double(3, Double(histogram.count))
      $0.double(4, histogram.sum)
      $0.double(5, histogram.sumOfSquares)
      $0.doubles(6, histogram.bins.map(\.upperBound))
      $0.doubles(7, histogram.bins.map { Double($0.count) })
    }
    try write(name, step) { $0.message(5, message) }
  }

  /// Writes a picture, as PNG.
  ///
  /// - Throws: `FileError`, also where the picture is too large for the format's limits.
  public func write(picture: Picture, named name: String, step: Int) throws {
    let encoded = try picture.encodedPNG()
    let message = ProtocolBuffer {
      $0.integer(1, picture.height)
      $0.integer(2, picture.width)
      $0.integer(3, picture.channels == 1 ? 1 : 3)
      $0.data(4, encoded)
    }
    try write(name, step) { $0.message(4, message) }
  }

  /// Writes a text, which TensorBoard shows as Markdown.
  ///
  /// - Throws: `FileError`.
  public func write(text: String, named name: String, step: Int) throws {
    let tensor = ProtocolBuffer {
      $0.integer(1, 7)
      $0.message(2, ProtocolBuffer { $0.message(2, ProtocolBuffer { $0.integer(1, 1) }) })
      $0.string(8, text)
    }
    try write(name, step) {
      $0.message(8, tensor)
      $0.message(9, Self.metadata(plugin: "text", content: nil))
    }
  }

  /// Writes what a run was set by, and which numbers it is judged by, for TensorBoard's table of hyper-parameters.
  ///
  /// - Parameters:
  ///   - hyperparameters: The settings by name.
  ///   - metrics: The names of the scalars to compare runs by.
  /// - Throws: `FileError`.
  public func write(hyperparameters: [String: Setting], metrics: [String]) throws {
    let settings = hyperparameters.sorted { $0.key < $1.key }
    let experiment = ProtocolBuffer { message in
      message.double(3, clock())
      for (name, setting) in settings {
        message.message(
          4,
          ProtocolBuffer {
            $0.string(1, name)
            $0.integer(4, setting.dataType)
          })
      }
      for metric in metrics {
        message.message(5, ProtocolBuffer { $0.message(1, ProtocolBuffer { $0.string(2, metric) }) })
      }
    }
    let start = ProtocolBuffer { message in
      for (name, setting) in settings {
        message.message(
          1,
          ProtocolBuffer {
            $0.string(1, name)
            $0.message(2, setting.value)
          })
      }
      message.double(5, clock())
    }
    try writeHyperparameters("experiment", ProtocolBuffer { $0.message(2, experiment) })
    try writeHyperparameters("session_start_info", ProtocolBuffer { $0.message(3, start) })
  }

  /// Writes that the run has ended.
  ///
  /// - Parameter isSuccess: Whether it ended without an error.
  /// - Throws: `FileError`.
  public func writeEnd(isSuccess: Bool) throws {
    let end = ProtocolBuffer {
      $0.integer(1, isSuccess ? 1 : 2)
      $0.double(2, clock())
    }
    try writeHyperparameters("session_end_info", ProtocolBuffer { $0.message(4, end) })
  }

  /// What a run is set by.
  public enum Setting: Sendable, Hashable {
    /// A number, such as a learning rate.
    case number(Double)
    /// A text, such as an optimizer's description.
    case text(String)
    /// A switch.
    case flag(Bool)

    fileprivate var dataType: Int {
      switch self {
      case .text: 1
      case .flag: 2
      case .number: 3
      }
    }

    fileprivate var value: ProtocolBuffer {
      ProtocolBuffer {
        switch self {
        case .number(let number): $0.double(2, number)
        case .text(let text): $0.string(3, text)
        case .flag(let flag): $0.integer(4, flag ? 1 : 0)
        }
      }
    }
  }

  // MARK: Messages

  private func writeHyperparameters(_ tag: String, _ content: ProtocolBuffer) throws {
    let data = ProtocolBuffer { message in
      message.integer(1, 0)
      message.append(content)
    }
    // The plugin reads the metadata alone; the value has to be some tensor.
    let nothing = ProtocolBuffer {
      $0.integer(1, 1)
      $0.message(2, ProtocolBuffer())
      $0.float(5, 0)
    }
    try write("_hparams_/" + tag, 0) {
      $0.message(8, nothing)
      $0.message(9, Self.metadata(plugin: "hparams", content: data.bytes))
    }
  }

  private static func metadata(plugin: String, content: [UInt8]?) -> ProtocolBuffer {
    let data = ProtocolBuffer {
      $0.string(1, plugin)
      if let content { $0.data(2, content) }
    }
    return ProtocolBuffer {
      $0.message(1, data)
      // A tensor, as against a number or a sequence of blobs.
      $0.integer(4, 2)
    }
  }

  private func write(_ name: String, _ step: Int, _ value: (inout ProtocolBuffer) -> Void) throws {
    let entry = ProtocolBuffer {
      $0.string(1, name)
      value(&$0)
    }
    try write {
      $0.integer(2, step)
      $0.message(5, ProtocolBuffer { $0.message(1, entry) })
    }
  }

  /// Writes an event.
  private func write(_ fields: (inout ProtocolBuffer) -> Void) throws {
    var event = ProtocolBuffer()
    event.double(1, clock())
    fields(&event)
    let record = Self.record(event.bytes)
    try file.withLock { file in try record.withUnsafeBytes { try file.append($0) } }
  }

  /// Data as a record: its length, the length's check, the data, its check.
  static func record(_ data: [UInt8]) -> [UInt8] {
    func bytes<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
      withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
    let length = bytes(UInt64(data.count))
    return length + bytes(CRC32C.masked(length)) + data + bytes(CRC32C.masked(data))
  }
}
