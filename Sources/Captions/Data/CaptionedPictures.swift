import Descent
import DescentFiles
import DescentData

/// Pictures of one size with what is said of each.
public struct CaptionedPictures: Sendable {
  /// A picture's sentences.
  public struct Entry: Hashable, Sendable {
    /// What the picture is called.
    public var name: String
    /// What is said of it, in one way or several.
    public var sentences: [String]
    /// What else is known of it, such as its style.
    public var fields: [String: String]

    /// A picture's sentences.
    public init(name: String, sentences: [String], fields: [String: String] = [:]) {
      (self.name, self.sentences, self.fields) = (name, sentences, fields)
    }
  }

  /// What is said of each picture.
  public let entries: [Entry]
  /// The pictures, bytes `[count, height, width, 3]`.
  public let pixels: Tensor

  /// Pictures with their sentences.
  ///
  /// - Throws: `TensorError` where there is not an entry for each picture.
  public init(entries: [Entry], pixels: Tensor) throws {
    if let error = pixels.error { throw error }
    guard pixels.rank == 4, pixels.shape[3] == 3, pixels.shape[0] == entries.count, pixels.elementType == .uint8 else {
      throw TensorError(
        "CaptionedPictures",
        "takes bytes [\(entries.count), height, width, 3] for \(entries.count) entries, found \(pixels.type)")
    }
    (self.entries, self.pixels) = (entries, pixels)
  }

  /// The number of pictures.
  public var count: Int { entries.count }

  /// Some of the pictures.
  ///
  /// - Throws: `TensorError` where the picture does not exist.
  public func selecting(_ places: [Int]) throws -> CaptionedPictures {
    if let wrong = places.first(where: { !entries.indices.contains($0) }) {
      throw TensorError("CaptionedPictures", "there is no picture \(wrong) among \(count)")
    }
    return try CaptionedPictures(
      entries: places.map { entries[$0] }, pixels: pixels.taken(Tensor(integers: places, shape: [places.count])))
  }

  /// Pictures as numbers from 0 to 1, `[places, height, width, 3]`.
  public func numbers(_ places: Range<Int>) -> Tensor { pixels[places].converted(to: .float32) / 255 }

  /// The pictures whose entries are as is asked, and the others.
  ///
  /// - Throws: `TensorError`.
  public func split(_ isMeant: (Entry) -> Bool) throws -> (meant: CaptionedPictures, others: CaptionedPictures) {
    let places = entries.indices.filter { isMeant(entries[$0]) }
    let meant = Set(places)
    return (try selecting(places), try selecting(entries.indices.filter { !meant.contains($0) }))
  }
}

extension CaptionedPictures {
  private static let captionFile = "captions.jsonl"

  /// Reads a folder: `captions.jsonl`, and the pictures.
  ///
  /// Each line of the file is a JSON object with a `caption`, or several `captions`, and the `file` of a picture in the folder,
  /// PNG or JPEG, or its number `i` in the folder's file of raw pictures, whose name ends in the pictures' size as in
  /// `emoji_32x32_rgb_u8.bin.gz`. What else it says in words can tell pictures for training from those for a test.
  ///
  /// - Parameters:
  ///   - folder: The folder.
  ///   - side: The height and width to which pictures are brought; those of raw pictures where none is given.
  /// - Throws: `FileError` where a file is missing or damaged, a caption has no picture, or a picture no caption; it names
  ///   both.
  public init(folder: String, side: Int? = nil) throws {
    guard FileSystem.kind(at: folder) == .directory else {
      throw FileError(folder, FileSystem.kind(at: folder) == nil ? "no such folder" : "is a file, not a folder")
    }
    let path = "\(folder)/\(Self.captionFile)"
    guard FileSystem.kind(at: path) != nil else {
      throw FileError(folder, "holds no \(Self.captionFile), which has a line of JSON for each picture")
    }
    let lines = try JSONLines.read(path, as: CaptionLine.self)
    guard !lines.isEmpty else { throw FileError(path, "holds no captions: it has no line of JSON") }
    for (number, line) in lines.enumerated() {
      let isSaid = !line.captions.isEmpty && line.captions.allSatisfy { !CaptionVocabulary.split($0).isEmpty }
      guard isSaid else { throw FileError(path, "caption \(number + 1) has no words") }
    }
    let names = try FileSystem.names(in: folder).sorted()
    if let raw = names.compactMap({ RawPictures(name: $0) }).first {
      try self.init(lines, path, raw, folder, side: side)
    } else {
      try self.init(lines, path, files: names, folder, side: side)
    }
  }

  private init(_ lines: [CaptionLine], _ path: String, _ raw: RawPictures, _ folder: String, side: Int?) throws {
    var pixels = try raw.read(from: folder)
    let count = pixels.shape[0]
    var isNamed = [Bool](repeating: false, count: count)
    let places = try lines.enumerated().map { number, line in
      guard let index = line.index else {
        throw FileError(path, "caption \(number + 1) names no picture: 'i', its number in \(raw.name), is missing")
      }
      guard isNamed.indices.contains(index) else {
        throw FileError(path, "caption \(number + 1) is of the picture \(index), where \(raw.name) holds \(count)")
      }
      isNamed[index] = true
      return index
    }
    if let nameless = isNamed.firstIndex(of: false) {
      let missing = isNamed.count { !$0 }
      throw FileError(
        path, "has no caption for \(missing) of the \(count) pictures in \(raw.name), the first of which is \(nameless)"
      )
    }
    pixels = pixels.taken(Tensor(integers: places, shape: [places.count]))
    if let side, pixels.shape[1] != side || pixels.shape[2] != side {
      let pictures = try (0..<places.count).map { try Picture(rgb: pixels[$0]).fitted(side: side) }
      pixels = Self.stacked(pictures, side: side)
    }
    let entries = zip(lines, places).map { line, place in
      Entry(name: "\(raw.name) \(place)", sentences: line.captions, fields: line.fields)
    }
    try self.init(entries: entries, pixels: pixels)
  }

  private init(_ lines: [CaptionLine], _ path: String, files: [String], _ folder: String, side: Int?) throws {
    let side = side ?? 64
    var named = Set<String>()
    let pictures = try lines.enumerated().map { number, line in
      guard let file = line.file else {
        throw FileError(
          path, "caption \(number + 1) names no picture: 'file' is missing, and the folder has no raw pictures")
      }
      guard FileSystem.kind(at: "\(folder)/\(file)") != nil else {
        throw FileError(path, "caption \(number + 1) is of the picture \(file), which is not there")
      }
      named.insert(file)
      return try Picture.read("\(folder)/\(file)").fitted(side: side)
    }
    let nameless = files.filter { file in
      !named.contains(file) && [".png", ".jpg", ".jpeg"].contains { file.lowercased().hasSuffix($0) }
    }
    if let first = nameless.first {
      let noun = nameless.count == 1 ? "one picture" : "\(nameless.count) pictures"
      throw FileError(path, "has no caption for \(noun) of the folder, such as \(first)")
    }
    let entries = lines.map { Entry(name: $0.file ?? "", sentences: $0.captions, fields: $0.fields) }
    try self.init(entries: entries, pixels: Self.stacked(pictures, side: side))
  }

  private static func stacked(_ pictures: [Picture], side: Int) -> Tensor {
    Tensor(bytes: pictures.flatMap(\.pixels), shape: [pictures.count, side, side, 3])
  }
}

/// A file of pictures without any form: bytes of red, green and blue, one picture after the other, plain or gzip.
private struct RawPictures {
  let name: String
  let width: Int
  let height: Int

  /// A file whose name says that it is one; `nil` for others.
  init?(name: String) {
    guard let match = name.wholeMatch(of: /.*_([0-9]{1,5})x([0-9]{1,5})_rgb_u8\.bin(\.gz)?/),
      let width = Int(match.1), let height = Int(match.2), width > 0, height > 0
    else { return nil }
    (self.name, self.width, self.height) = (name, width, height)
  }

  func read(from folder: String) throws -> Tensor {
    let path = "\(folder)/\(name)"
    let bytes = try FileContents.read(path)
    let size = width * height * 3
    guard !bytes.isEmpty, bytes.count.isMultiple(of: size) else {
      throw FileError(
        path, "holds \(bytes.count.grouped) bytes, which are no whole number of pictures of \(width)×\(height)·3 bytes")
    }
    return Tensor(bytes: bytes, shape: [bytes.count / size, height, width, 3])
  }
}
