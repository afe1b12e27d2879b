import Foundation

/// A collection of files that can be downloaded.
public struct RemoteDataset: Sendable, Hashable {
  /// A file of the collection.
  public struct File: Sendable, Hashable {
    /// The name, at the server and on the disk.
    public var name: String

    /// The size in bytes.
    public var byteCount: Int

    /// The digest as 64 hexadecimal digits in lower case.
    public var sha256: String

    /// A file of known size and digest.
    public init(name: String, byteCount: Int, sha256: String) {
      self.name = name
      self.byteCount = byteCount
      self.sha256 = sha256
    }
  }

  /// The name a user asks for it by.
  public var name: String

  /// The files.
  public var files: [File]

  /// Addresses of directories that hold all of the files, the best first.
  public var mirrors: [String]

  /// Who made it and what may be done with it, to be shown at a download.
  public var credit: String

  /// A collection of the given files.
  public init(name: String, files: [File], mirrors: [String], credit: String) {
    self.name = name
    self.files = files
    self.mirrors = mirrors
    self.credit = credit
  }

  /// The size of all files in bytes.
  public var byteCount: Int { files.reduce(0) { $0 + $1.byteCount } }

  /// The collections that can be downloaded by name.
  public static let catalog: [RemoteDataset] = [mnist, shakespeare]

  /// MNIST: 60,000 + 10,000 handwritten digits of 28×28 pixels in the four original IDX files.
  public static let mnist = RemoteDataset(
    name: "mnist",
    files: [
      File(
        name: "train-images-idx3-ubyte.gz", byteCount: 9_912_422,
        sha256: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
      File(
        name: "train-labels-idx1-ubyte.gz", byteCount: 28_881,
        sha256: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
      File(
        name: "t10k-images-idx3-ubyte.gz", byteCount: 1_648_877,
        sha256: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
      File(
        name: "t10k-labels-idx1-ubyte.gz", byteCount: 4_542,
        sha256: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
    ],
    mirrors: [
      "https://ossci-datasets.s3.amazonaws.com/mnist", "https://storage.googleapis.com/cvdf-datasets/mnist",
    ],
    credit: "MNIST (Y. LeCun, C. Cortes, C. J. C. Burges), widely stated to be CC BY-SA 3.0")

  /// Plays of Shakespeare, 1.1 MB of text of 65 characters, by which models of characters are compared.
  public static let shakespeare = RemoteDataset(
    name: "shakespeare",
    files: [
      File(
        name: "input.txt", byteCount: 1_115_394,
        sha256: "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed")
    ],
    mirrors: ["https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare"],
    credit: "tiny Shakespeare (A. Karpathy), text in the public domain")

  /// Downloads the files that are missing or damaged.
  ///
  /// - Parameters:
  ///   - directory: Where they go; made where it is missing.
  ///   - mirror: The address of a directory to take them from instead of the collection's own mirrors; without one,
  ///     the environment variable `DESCENT_DATA_MIRROR` may name one.
  ///   - downloader: How to download.
  ///   - progress: Called as bytes come.
  /// - Throws: `FileError` at the first file that cannot be had; those before it stay.
  public func download(
    to directory: String, from mirror: String? = nil, using downloader: Downloader = Downloader(),
    progress: (DownloadProgress) -> Void = { _ in }
  ) throws {
    let named = mirror ?? ProcessInfo.processInfo.environment["DESCENT_DATA_MIRROR"]
    let sources = named.map { $0.isEmpty ? mirrors : [$0] } ?? mirrors
    for file in files {
      try downloader.download(
        from: sources.map { ($0.hasSuffix("/") ? $0 : $0 + "/") + file.name }, to: "\(directory)/\(file.name)",
        byteCount: file.byteCount, sha256: file.sha256, progress: progress)
    }
  }
}
