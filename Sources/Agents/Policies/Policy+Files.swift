import DescentFiles
import DescentLayers
import DescentTensors
import Foundation

extension Policy {
  /// What the files of policies call what is not a tensor.
  private static var spacesName: String { "spaces" }
  private static var headName: String { "head" }

  /// Writes the policy's tensors as a safetensors file in one step, with the spaces that it was made for.
  ///
  /// - Throws: `TensorError` where it was not made for an environment yet; `FileError` where the file cannot be written, an earlier one
  ///   being left as it was.
  public func save(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    encoder.nonConformingFloatEncodingStrategy = .infinities
    func text(_ value: some Encodable) throws -> String { String(decoding: try encoder.encode(value), as: UTF8.self) }
    let metadata = [
      "format": "descent-policy-1", Self.spacesName: try text(try madeSpaces()), Self.headName: try text(head),
    ]
    try Safetensors.write(namedTensors(of: self), metadata: metadata, to: path)
  }

  /// The policy as a file has it that `save(to:)` wrote: with its spaces and parameters. The sizes of layers are those of this one.
  ///
  /// ```swift
  /// let policy = try MLPPolicy(hidden: [64, 64]).loading("cartpole.safetensors")
  /// ```
  ///
  /// - Throws: `FileError` where the file is damaged, is of another policy, or was made for other spaces than this one.
  public func loading(_ path: String) throws -> Self {
    let (tensors, metadata) = try Safetensors.read(path)
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .infinities
    guard let spacesText = metadata[Self.spacesName], let headText = metadata[Self.headName],
      let spaces = try? decoder.decode(PolicySpaces.self, from: Data(spacesText.utf8)),
      let head = try? decoder.decode(PolicyHead.self, from: Data(headText.utf8))
    else { throw FileError(path, "is not the file of a policy: it does not say which spaces it was made for") }
    if let difference = self.spaces.flatMap({ spaces.difference(from: $0) }) {
      throw FileError(path, "holds a policy that was made for \(difference)")
    }
    let made = self.spaces == nil ? try self.made(for: spaces, head: head) : self
    guard made.head == head else {
      throw FileError(path, "holds a policy with outputs \(head), this one has \(made.head)")
    }
    return try replacingTensors(of: try made.prepared(for: spaces, head: head, seed: 0), with: tensors, from: path)
  }

  /// The policy as a file has it, for an environment.
  ///
  /// - Throws: `FileError` where the file is damaged, is of another policy, or was made for other spaces than those of the environment.
  public func loading(_ path: String, for environment: some EnvironmentSource) throws -> Self {
    let policy = try loading(path)
    if let difference = policy.spaces?.difference(from: PolicySpaces(environment)) {
      throw FileError(path, "holds a policy that was made for \(difference), which \(environment.name) has")
    }
    return policy
  }
}

extension JSONEncoder.NonConformingFloatEncodingStrategy {
  /// Infinite bounds by their names.
  static var infinities: Self { .convertToString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan") }
}

extension JSONDecoder.NonConformingFloatDecodingStrategy {
  /// Infinite bounds by their names.
  static var infinities: Self { .convertFromString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan") }
}
