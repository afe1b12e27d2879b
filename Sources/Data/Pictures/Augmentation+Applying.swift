import CFormats
import DescentGraph
import DescentTensors
import Dispatch

extension Augmentation {
  /// The changed picture as numbers, `[height, width, channels]`, where black is 0 and white 1 before normalization.
  ///
  /// - Parameters:
  ///   - picture: A picture.
  ///   - random: What the changes are drawn from.
  /// - Throws: `TensorError` where a change makes no sense, or memory runs out.
  public func callAsFunction(_ picture: Picture, using random: inout ElementRandom) throws -> Tensor {
    try check(channels: picture.channels)
    let type = TensorType(
      [height ?? picture.height, width ?? picture.width, picture.channels], .float32)
    var warp = drawn(height: picture.height, width: picture.width, channels: picture.channels, using: &random)
    let result = try Self.memory(type)
    picture.pixels.withUnsafeBufferPointer { pixels in
      result.fill { bytes in
        dn_warp_bytes(
          bytes.baseAddress?.assumingMemoryBound(to: Float.self), Int64(type.shape[0]), Int64(type.shape[1]),
          pixels.baseAddress, Int64(picture.height), Int64(picture.width), Int32(picture.channels), &warp)
      }
    }
    return Tensor(result)
  }

  /// Changed pictures of a tensor, `[count, height, width, channels]` of bytes or of float32 numbers from 0 to 1, as numbers,
  /// `[places, height, width, channels]`.
  ///
  /// - Parameters:
  ///   - pictures: The pictures.
  ///   - places: Which of them, in order.
  ///   - seed: The seed of the changes.
  ///   - epoch: Which pass it is: changes differ from pass to pass.
  ///   - workers: How many threads share the work.
  /// - Throws: `TensorError` where a change makes no sense, the tensor does not hold pictures, or a place does not exist.
  public func batch(
    of pictures: Tensor, _ places: [Int], seed: UInt64, epoch: Int, workers: Int = 1
  ) throws -> Tensor {
    let source = try PictureRows(pictures)
    try check(channels: source.channels)
    if let wrong = places.first(where: { !(0..<source.count).contains($0) }) {
      throw TensorError("Augmentation", "there is no picture \(wrong) among \(source.count)")
    }
    let size = (height: height ?? source.height, width: width ?? source.width)
    let shape: Shape = [places.count, size.height, size.width, source.channels]
    guard shape.checkedCount != nil else {
      throw TensorError("Augmentation", "a batch of \(shape) is larger than any memory")
    }
    let result = try Self.memory(TensorType(shape, .float32))
    let count = size.height * size.width * source.channels
    try source.literal.withHostBytes { pixels in
      result.fill { bytes in
        let target = Pointer(bytes.baseAddress?.assumingMemoryBound(to: Float.self))
        let from = Pointer(UnsafeMutableRawPointer(mutating: pixels.baseAddress))
        Self.onThreads(min(workers, places.count)) { worker, workers in
          for place in stride(from: worker, to: places.count, by: workers) {
            var random = ElementRandom(seed: seed, epoch: epoch, index: places[place])
            var warp = drawn(height: source.height, width: source.width, channels: source.channels, using: &random)
            guard let to = target.value.map({ $0 + place * count }) else { continue }
            source.warp(to, size, from.value, places[place], &warp)
          }
        }
      }
    }
    return Tensor(result)
  }

  private static func memory(_ type: TensorType) throws -> HostLiteral {
    do throws(OperationError) { return try HostLiteral(uninitialized: type) } catch {
      throw TensorError("Augmentation", error.message)
    }
  }

  private static func onThreads(_ count: Int, _ work: @Sendable (_ worker: Int, _ workers: Int) -> Void) {
    guard count > 1 else { return work(0, 1) }
    DispatchQueue.concurrentPerform(iterations: count) { work($0, count) }
  }
}

/// An address that several threads use, each in a part of its own.
private struct Pointer<Value>: @unchecked Sendable {
  let value: Value
  init(_ value: Value) { self.value = value }
}

/// The pictures of a tensor.
private struct PictureRows: Sendable {
  let literal: Literal
  let count: Int
  let height: Int
  let width: Int
  let channels: Int
  private let isBytes: Bool

  init(_ pictures: Tensor) throws {
    if let error = pictures.error { throw error }
    let type = pictures.elementType
    guard pictures.rank == 4, type == .uint8 || type == .float32, (1...4).contains(pictures.shape[3]) else {
      throw TensorError(
        "Augmentation",
        "\(type) \(pictures.shape) are no pictures, [count, height, width, channels] of uint8 or float32 with 1 to 4 channels"
      )
    }
    guard pictures.shape[1] > 0, pictures.shape[2] > 0 else {
      throw TensorError("Augmentation", "the pictures \(pictures.shape) have no pixels")
    }
    (count, height, width, channels) = (pictures.shape[0], pictures.shape[1], pictures.shape[2], pictures.shape[3])
    isBytes = type == .uint8
    literal = try pictures.literal()
  }

  func warp(
    _ to: UnsafeMutablePointer<Float>, _ size: (height: Int, width: Int), _ from: UnsafeMutableRawPointer?,
    _ place: Int,
    _ warp: inout dn_warp
  ) {
    guard let from else { return }
    let start = place * height * width * channels
    if isBytes {
      dn_warp_bytes(
        to, Int64(size.height), Int64(size.width), from.assumingMemoryBound(to: UInt8.self) + start, Int64(height),
        Int64(width), Int32(channels), &warp)
    } else {
      dn_warp_floats(
        to, Int64(size.height), Int64(size.width), from.assumingMemoryBound(to: Float.self) + start, Int64(height),
        Int64(width), Int32(channels), &warp)
    }
  }
}

extension Examples {
  /// The examples with their inputs, pictures `[count, height, width, channels]`, changed at random: anew in each pass, and the
  /// same whenever that example of that pass is asked for.
  ///
  /// Bytes count as numbers from 0 to 1.
  ///
  /// - Parameters:
  ///   - augmentation: The changes.
  ///   - seed: The seed of the changes.
  ///   - workers: How many threads share the work of a batch.
  /// - Throws: `TensorError` where a change makes no sense, or the inputs are not pictures.
  public func augmented(by augmentation: Augmentation, seed: UInt64 = 0, workers: Int = 1) throws -> Dataset<Batch> {
    let rows = try PictureRows(storedInputs)
    try augmentation.check(channels: rows.channels)
    let (pictures, targets) = (storedInputs, targets)
    @Sendable func gather(_ places: [Int], _ epoch: Int) throws -> Batch {
      let inputs = try augmentation.batch(of: pictures, places, seed: seed, epoch: epoch, workers: workers)
      return Batch(input: inputs, target: try Stacking.gather(targets, places, "augmented"))
    }
    return Dataset(count: count, gather: gather) { index, epoch in
      let batch = try gather([index], epoch)
      return Batch(input: batch.input[0], target: batch.target[0])
    }
  }
}
