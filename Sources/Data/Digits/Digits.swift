import DescentTensors

/// Handwritten digits for a classifier: images `[count, height, width, 1]` from 0 (paper) to 1 (ink), labels 0 … 9.
public struct Digits: Sendable {
  /// The digits to train on.
  public let training: DigitExamples
  /// The digits to test on.
  public let test: DigitExamples

  /// Digits as two sets.
  public init(training: DigitExamples, test: DigitExamples) {
    self.training = training
    self.test = test
  }

  /// The digits in a directory of MNIST-style IDX files (plain or gzip) or USPS text files.
  ///
  /// - Throws: `FileError` that names the file and its fault.
  public static func mnist(in directory: String) throws -> Digits { try Digits(DigitImages.directory(directory)) }

  /// The digits that ship with the package, four fifths for training.
  ///
  /// - Throws: `FileError` where the package's resources are not found with the program.
  public static func shipped(seed: UInt64 = 0) throws -> Digits {
    let parts = try DigitImages.shipped().split(training: 0.8, calibration: 0, test: 0.2, seed: seed)
    return Digits(training: try DigitExamples(parts.training), test: try DigitExamples(parts.test))
  }

  private init(_ sets: DigitSets) throws {
    self.init(training: try DigitExamples(sets.training), test: try DigitExamples(sets.test))
  }
}

/// Digits as examples of a data set.
public struct DigitExamples: BatchSource {
  private let examples: Examples

  /// Digit images with their labels.
  ///
  /// - Throws: `TensorError` where memory runs out.
  public init(_ images: DigitImages) throws {
    examples = try Examples(
      inputs: Tensor(bytes: images.pixels, shape: [images.count, images.height, images.width, 1]),
      targets: Tensor(bytes: images.labels, shape: [images.count]).converted(to: .int32), scale: 1.0 / 255)
  }

  /// The images, `[count, height, width, 1]`, from 0 (paper) to 1 (ink).
  public var images: Tensor { examples.inputs }
  /// The labels, `[count]`.
  public var labels: Tensor { examples.targets }
  /// The number of digits.
  public var count: Int { examples.count }

  /// The digits in batches; see `Examples.batched`.
  public func batched(
    _ size: Int, shuffled: Bool = true, seed: UInt64 = 0, droppingRemainder: Bool = false
  ) -> Batches {
    examples.batched(size, shuffled: shuffled, seed: seed, droppingRemainder: droppingRemainder)
  }

  /// The digits changed at random, anew in each pass; see `Examples.augmented`.
  ///
  /// - Throws: `TensorError` where a change makes no sense.
  public func augmented(by augmentation: Augmentation, seed: UInt64 = 0, workers: Int = 1) throws -> Dataset<Batch> {
    try examples.augmented(by: augmentation, seed: seed, workers: workers)
  }

  public var dealtForTraining: any BatchSource<Batch> { examples.dealtForTraining }
  public var batchCount: Int { examples.batchCount }
  public var exampleCount: Int { examples.exampleCount }
  public func batch(_ index: Int, epoch: Int) throws -> Batch { try examples.batch(index, epoch: epoch) }
}
