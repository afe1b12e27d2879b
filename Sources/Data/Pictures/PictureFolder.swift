import DescentFiles
import DescentTensors

/// Pictures in folders, one for each class: `FOLDER/cat/1.png`, `FOLDER/dog/7.jpeg`.
///
/// Pictures are read when they are asked for, so that any number of them may lie there.
public struct PictureFolder: Sendable {
  /// The names of the classes, sorted: those of the folders.
  public let classes: [String]
  /// The files, those of the first class first, in order of their names, each with its class.
  public let files: [(path: String, label: Int)]
  private let pixelLimit: Int

  /// A picture and its class.
  public struct Example: Sendable {
    /// The picture.
    public var picture: Picture
    /// The place of its class among ``PictureFolder/classes``.
    public var label: Int
  }

  /// Lists the pictures of a folder: files whose names end in `.png`, `.jpg` or `.jpeg`, in whatever case. Names that begin
  /// with a dot are passed over.
  ///
  /// - Parameters:
  ///   - path: The folder.
  ///   - classes: The classes, where they are known, such as those of the training data; `nil` for the folders there are.
  ///   - pixelLimit: The most pixels that a picture may have.
  /// - Throws: `FileError` where the folder is missing, has no folders, one of them has no pictures, or is none of the classes.
  public init(_ path: String, classes: [String]? = nil, pixelLimit: Int = Picture.defaultPixelLimit) throws {
    guard FileSystem.kind(at: path) == .directory else {
      throw FileError(path, FileSystem.kind(at: path) == nil ? "no such folder" : "is a file, not a folder")
    }
    let folders = try FileSystem.names(in: path).sorted().filter {
      !$0.hasPrefix(".") && FileSystem.kind(at: "\(path)/\($0)") == .directory
    }
    guard !folders.isEmpty else {
      throw FileError(path, "has no folders, of which each would hold the pictures of a class")
    }
    if let classes, let unknown = folders.first(where: { !classes.contains($0) }) {
      throw FileError("\(path)/\(unknown)", "is none of the classes \(Table.listed(classes))")
    }
    self.classes = classes ?? folders
    self.pixelLimit = pixelLimit
    var files: [(path: String, label: Int)] = []
    for (label, name) in self.classes.enumerated() where folders.contains(name) {
      let names = try FileSystem.names(in: "\(path)/\(name)").sorted().filter(Self.isPicture)
      guard !names.isEmpty else { throw FileError("\(path)/\(name)", "holds no file that ends in .png, .jpg or .jpeg") }
      files += names.map { ("\(path)/\(name)/\($0)", label) }
    }
    self.files = files
  }

  private static func isPicture(_ name: String) -> Bool {
    !name.hasPrefix(".") && [".png", ".jpg", ".jpeg"].contains { name.lowercased().hasSuffix($0) }
  }

  /// The pictures as a data set, each read when it is asked for.
  ///
  /// ```swift
  /// let folder = try PictureFolder("pets")
  /// let examples = folder.examples.map(seed: 1) { example, random in
  ///   Batch(input: try augmentation(example.picture, using: &random), target: Tensor(integers: [example.label], shape: []))
  /// }
  /// let batches = examples.shuffled(seed: 2).batched(32, workers: 2)
  /// ```
  public var examples: Dataset<Example> {
    let (files, limit) = (files, pixelLimit)
    return Dataset(count: files.count) { index, _ in
      Example(picture: try Picture.read(files[index].path, pixelLimit: limit), label: files[index].label)
    }
  }
}
