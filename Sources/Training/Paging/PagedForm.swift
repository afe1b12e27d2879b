import DescentGraph
import DescentLayers
import DescentOptimizers
import DescentTensors

/// What a model with a bank of experts is made of, told apart into what there is of each expert and what there is once.
struct PagedForm: Sendable {
  /// A tensor among a state's values.
  struct Part: Sendable {
    let name: String
    /// Where it stands among the values.
    let place: Int
    /// Its type; of one expert, with an axis of size 1 in front.
    let type: TensorType

    /// Memory for it.
    func zeros() throws -> Literal { try ModelTree(Tensor(zeros: type.shape, type.elementType)).computed()[0] }
  }

  let experts: Int
  let parts: [Part]
  let shared: [Part]
  /// The first values of what is shared.
  let firstShared: [Tensor]
  /// The first values of the parts of one expert, from its number, int32 `[1]`.
  let creation: CompiledFunction
  /// The model with a bank of one expert, of stand-ins. It holds what coding made, which never changes.
  let structure: StepValues.Structure

  /// - Parameters:
  ///   - experts: The number of experts.
  ///   - record: Records the first values of a model whose bank has so many members.
  /// - Throws: `TensorError` where the optimizer remembers something of experts that has no axis of them.
  init<Rule: Optimizer>(
    experts: Int, optimizer: Rule, record: (_ members: Tensor) throws -> ModelTree
  ) throws {
    let epoch = Trace.beginRecording()
    let one = Tensor.placeholder(TensorType([1], .int32), name: "expert")
    let (values, first) = try StepValues.outline(try record(one), optimizer)
    let two = Tensor.placeholder(TensorType([2], .int32))
    let (wider, _) = try StepValues.outline(try record(two), optimizer)
    guard values.names == wider.names else {
      throw TensorError("PagedTraining", "the optimizer remembers other things of two experts than of one")
    }
    var (parts, shared) = ([Part](), [Part]())
    for (place, name) in values.names.enumerated() {
      let (type, double) = (values.types[place], wider.types[place])
      let part = Part(name: name, place: place, type: type)
      if type == double {
        shared.append(part)
      } else if type.shape.first == 1, double.shape.first == 2,
        type.shape.sizes.dropFirst() == double.shape.sizes.dropFirst()
      {
        parts.append(part)
      } else {
        throw TensorError(
          "PagedTraining",
          "what is remembered as \(name) is \(type.shape) for one expert and \(double.shape) for two: it has no axis of"
            + " experts in front, by which it could lie in a file; use another optimizer")
      }
    }
    guard !parts.isEmpty else { throw TensorError("PagedTraining", "no row goes to the model's experts") }
    (self.experts, self.parts, self.shared) = (experts, parts, shared)
    firstShared = shared.map { first[$0.place] }
    creation = try CompiledFunction(
      Trace(arguments: [one], outputs: parts.map { first[$0.place] }, since: epoch))
    structure = values.model
  }

  /// What a file of it holds.
  func layout(bank: String, optimizer: String, seed: UInt64) -> ExpertFileLayout {
    ExpertFileLayout(
      bank: bank, experts: experts,
      parts: parts.map { .init($0.name, $0.type.shape.removing(axes: [0]), $0.type.elementType) },
      shared: shared.map { .init($0.name, $0.type.shape, $0.type.elementType) }, optimizer: optimizer, seed: seed)
  }

  /// The first values of an expert's parts.
  func created(_ expert: Int) throws -> [Literal] {
    try creation.run([try Literal.scalar(Int32(expert), TensorType([1], .int32)).buffer])
  }

  /// The places of the model's tensors that are shared, by which gates choose.
  func routed(_ values: StepValues) -> [Int] { shared.map(\.place).filter { $0 < values.slots.count } }

  /// The number of elements of parameters that are trained.
  var parameterCount: Int {
    let trained = Set(structure.tree.leaves.filter(\.isTrained).map { CheckpointNames.model($0.path) })
    func count(_ parts: [Part]) -> Int {
      parts.reduce(0) { $0 + (trained.contains($1.name) ? $1.type.shape.count : 0) }
    }
    return experts * count(parts) + count(shared)
  }
}
