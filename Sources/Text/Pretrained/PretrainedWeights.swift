import DescentFiles
import DescentGraph
import DescentTensors

/// The tensors of a checkpoint, in one file or several: what they are is known, and each is read when it is asked for.
struct PretrainedWeights {
  /// What errors name: the file, or the index of several.
  let path: String
  private let files: [TensorFile]
  /// The file that each tensor is in.
  private let places: [String: Int]

  init(_ files: [TensorFile], path: String) {
    (self.files, self.path) = (files, path)
    var places: [String: Int] = [:]
    for (place, file) in files.enumerated() { for name in file.names { places[name] = place } }
    self.places = places
  }

  /// The names of the tensors.
  var names: some Collection<String> { places.keys }

  /// The shape and element type of a tensor, `nil` where there is none of the name.
  func type(of name: String) -> TensorType? { places[name].flatMap { files[$0].type(of: name) } }

  /// The dtype of a tensor where it is not known here.
  func unknownType(of name: String) -> String? { places[name].flatMap { files[$0].unknownType(of: name) } }

  /// A tensor.
  ///
  /// - Throws: `FileError` where there is none of the name, or it cannot be read.
  func tensor(named name: String) throws -> Tensor {
    guard let place = places[name] else { throw FileError(path, "does not hold the tensor \(name)") }
    return try files[place].tensor(named: name)
  }
}
