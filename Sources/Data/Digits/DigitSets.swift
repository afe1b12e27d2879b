import DescentFiles

/// The training and the test pictures that a publisher keeps apart.
public struct DigitSets: Sendable, Hashable {
  /// The name of the collection, such as "MNIST".
  public let name: String

  /// The pictures to train on.
  public let training: DigitImages

  /// The pictures to test on.
  public let test: DigitImages

  /// Two sets of pictures of one size.
  ///
  /// - Throws: `FileError` where the sizes differ.
  public init(name: String, training: DigitImages, test: DigitImages) throws {
    guard training.height == test.height, training.width == test.width else {
      let sizes = "\(training.height)×\(training.width) for training and \(test.height)×\(test.width) for test"
      throw FileError(name, "holds pictures of \(sizes)")
    }
    self.name = name
    self.training = training
    self.test = test
  }
}

extension DigitImages {
  /// Reads the digits a directory holds: MNIST or QMNIST IDX pairs, the USPS files, or the UCI files, each plain or
  /// gzip, under the names they are published with.
  ///
  /// - Throws: `FileError` where the directory holds none of these, only a part of one, or a file that cannot be
  ///   read.
  public static func directory(_ path: String) throws -> DigitSets {
    func fault(_ text: String) -> FileError { FileError(path, text) }
    switch FileSystem.kind(at: path) {
    case .directory: break
    case nil: throw fault("no such directory")
    case .regular, .other: throw fault("is a file, not a directory")
    }

    var partial: String?
    for collection in PublishedDigits.allCases {
      let found = collection.files.map { file in
        PublishedDigits.spellings(of: file).map { "\(path)/\($0)" }.first { FileSystem.kind(at: $0) != nil }
      }
      if let missing = found.firstIndex(of: nil) {
        if found.contains(where: { $0 != nil }) {
          partial = partial ?? "holds a part of \(collection.name), but no \(collection.files[missing])"
        }
        continue
      }
      return try collection.read(found.compactMap(\.self), from: path)
    }
    let sought = PublishedDigits.allCases.map { "\($0.name) (\($0.files.joined(separator: ", ")))" }
    throw fault(partial ?? "holds no digits; looked, plain or .gz, for \(sought.joined(separator: "; "))")
  }
}

/// A collection of digits and the files it is published in.
private enum PublishedDigits: CaseIterable {
  case mnist, qmnist, usps, optdigits

  var name: String {
    switch self {
    case .mnist: "MNIST"
    case .qmnist: "QMNIST"
    case .usps: "USPS"
    case .optdigits: "UCI optdigits"
    }
  }

  /// Training first, and pictures before labels.
  var files: [String] {
    switch self {
    case .mnist:
      ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"]
    case .qmnist:
      [
        "qmnist-train-images-idx3-ubyte", "qmnist-train-labels-idx2-int",
        "qmnist-test-images-idx3-ubyte", "qmnist-test-labels-idx2-int",
      ]
    case .usps: ["zip.train", "zip.test"]
    case .optdigits: ["optdigits.tra", "optdigits.tes"]
    }
  }

  /// A file's name with and without its suffix, and with the full stop that some archives put before "idx".
  static func spellings(of file: String) -> [String] {
    let dotted = file.split(separator: "-idx", maxSplits: 1).joined(separator: ".idx")
    return [file, file + ".gz"] + (dotted == file ? [] : [dotted, dotted + ".gz"])
  }

  func read(_ paths: [String], from directory: String) throws -> DigitSets {
    let training: DigitImages
    let test: DigitImages
    switch self {
    case .mnist, .qmnist:
      training = try .idx(images: paths[0], labels: paths[1])
      test = try .idx(images: paths[2], labels: paths[3])
    case .usps:
      training = try .usps(paths[0])
      test = try .usps(paths[1])
    case .optdigits:
      training = try .optdigits(paths[0])
      test = try .optdigits(paths[1])
    }
    do {
      return try DigitSets(name: name, training: training, test: test)
    } catch var error as FileError {
      error.path = directory
      throw error
    }
  }
}
