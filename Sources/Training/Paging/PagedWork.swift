import DescentData
import DescentFiles
import DescentGraph
import DescentLayers
import DescentOptimizers
import DescentTensors

/// What `PagedTraining` keeps from step to step: the file, and a state with a bank of the experts in use.
struct PagedWork<Model: Codable & Sendable, Input: Codable & Sendable, Rule: Optimizer> {
  private let model: Model
  private let optimizer: Rule
  private let path: String
  private let seed: UInt64
  private let synchronizes: Bool
  private let precision: Precision?
  private let loss: @Sendable (Model, Input) throws -> Tensor
  /// The path of the bank's hidden weights.
  private let bank: String
  private let update: TrainingUpdate<Model, PagedInput<Input>>
  private let routings = PlanTable<ArgumentForm, Routing>()

  private var form: PagedForm?
  private(set) var file: ExpertFile?
  private var state: TrainingState<Model, Rule>?
  private(set) var capacity = 0
  private(set) var traffic = PageTraffic()
  private(set) var used: [Int] = []

  /// Where a batch's rows go, as a plan.
  private struct Routing: Sendable {
    let function: CompiledFunction
    /// How many of the results are what gates chose; the others are the experts' numbers.
    let choiceCount: Int
    /// The class numbers that the batch holds.
    let labels: LabelChecks
  }

  init(
    _ model: Model, _ optimizer: Rule, _ path: String, seed: UInt64, synchronizes: Bool, precision: Precision?,
    loss: @escaping @Sendable (Model, Input) throws -> Tensor
  ) throws {
    let tree = try ModelTree(model)
    let banks = tree.typeNames.filter { $0.value == "\(ExpertBank.self)" }.keys.sorted()
    guard banks.count == 1 else {
      let found = banks.isEmpty ? "none" : banks.joined(separator: ", ")
      throw TensorError("PagedTraining", "takes a model with one bank of experts, found \(found)")
    }
    let bank = banks[0].isEmpty ? "hidden" : "\(banks[0]).hidden"
    if let bound = tree.leaves.first(where: { $0.path.isPath(within: banks[0]) && $0.tensor != nil }) {
      throw TensorError("PagedTraining", "\(bound.path) has values already; the file gives experts theirs")
    }
    try optimizer.validate()
    (self.optimizer, self.path, self.seed) = (optimizer, path, seed)
    (self.synchronizes, self.precision, self.loss, self.bank) = (synchronizes, precision, loss, bank)
    // Rebuilt, so that parameters know their paths.
    self.model = try tree.rebuilt(Model.self, with: tree.leaves.map(\.tensor))
    update = TrainingUpdate(precision: precision) { model, paged in
      let positions = ExpertPlacement.Positions(
        bank: bank, position: paged.position, held: paged.held, choices: paged.choices)
      return try ExpertPlacement.at(positions) { try loss(model, paged.input) }
    }
    if FileSystem.kind(at: path) != nil { file = try ExpertFile(opening: path, synchronizes: synchronizes) }
  }

  var parameterCount: Int { form?.parameterCount ?? 0 }

  // MARK: A step

  mutating func step(_ batch: Input) throws -> StepResult {
    let form = try bound(to: batch)
    let file = try opened(form)
    file.traffic = PageTraffic()
    (traffic, used) = (PageTraffic(), [])
    if state == nil { try makeState(form, file, capacity: max(1, capacity)) }
    let (choices, experts) = try routed(batch, form)
    if experts.count > capacity {
      // Some more than that, so that the plan is not compiled for each step that needs one more.
      let larger = (experts.count + experts.count / 8 + 7) / 8 * 8
      try makeState(form, file, capacity: min(form.experts, larger))
    }
    do {
      try fill(experts, form, file)
      let input = PagedInput(
        input: batch, held: capacity, position: Self.positions(of: experts, among: form.experts), choices: choices)
      guard var state else { throw TensorError("PagedTraining", "has no state") }
      self.state = nil
      let result = try update(&state, input)
      try write(&state, experts, form, file)
      self.state = state
      (traffic, used) = (file.traffic, experts)
      return result
    } catch {
      // Memory may be ahead of the file, or the file hold parts of a step: the next call begins with what is complete.
      (state, self.file) = (nil, nil)
      throw error
    }
  }

  private static func positions(of experts: [Int], among count: Int) -> Tensor {
    var table = [Int](repeating: 0, count: count)
    for (position, expert) in experts.enumerated() { table[expert] = position }
    return Tensor(integers: table)
  }

  /// Learns from the first batch what the model is made of.
  private mutating func bound(to batch: Input) throws -> PagedForm {
    if let form { return form }
    let (model, loss, seed, bank) = (model, loss, seed, bank)
    func record(_ body: (() throws -> ModelTree) throws -> ModelTree) throws -> ModelTree {
      try Run.current.with(precision ?? Run.current.precision).perform {
        try body { try recordedParameters(of: model, seed: seed, first: .training) { [try loss($0, batch)] } }
      }
    }
    let routed = RoutedExperts()
    _ = try record { try ExpertPlacement.routing(bank, into: routed, $0) }
    guard let experts = routed.bankCount else {
      throw TensorError("PagedTraining", "the loss does not lead through the model's experts")
    }
    let made = try PagedForm(experts: experts, optimizer: optimizer) { members in
      try record {
        try ExpertPlacement.at(
          .init(bank: bank, position: Tensor(zeros: [experts], .int32), held: members.count, members: members), $0)
      }
    }
    form = made
    return made
  }

  /// The file, made where there is none.
  private mutating func opened(_ form: PagedForm) throws -> ExpertFile {
    if let file, state != nil { return file }
    let layout = form.layout(bank: bank, optimizer: "\(Rule.self)", seed: seed)
    if let file = try file
      ?? (FileSystem.kind(at: path) == nil ? nil : .init(opening: path, synchronizes: synchronizes))
    {
      if let difference = file.layout.difference(from: layout) { throw FileError(path, difference) }
      self.file = file
      return file
    }
    try evaluate(form.firstShared)
    var bytes: [UInt8] = []
    for tensor in form.firstShared { try tensor.literal().withHostBytes { bytes.append(contentsOf: $0) } }
    let made = try ExpertFile(making: path, layout, shared: bytes, synchronizes: synchronizes)
    file = made
    return made
  }

  /// A state as the file has it, with room for some experts.
  private mutating func makeState(_ form: PagedForm, _ file: ExpertFile, capacity: Int) throws {
    // What there was goes first.
    state = nil
    let places = Dictionary(form.parts.map { ($0.name, $0) }) { first, _ in first }
    let tree = form.structure.tree
    let tensors = tree.leaves.map { leaf -> Tensor? in
      guard let tensor = leaf.tensor else { return nil }
      let isPart = places[CheckpointNames.model(leaf.path)] != nil
      let shape = isPart ? Shape([capacity] + tensor.shape.sizes.dropFirst()) : tensor.shape
      return Tensor(zeros: shape, tensor.elementType)
    }
    var made = try TrainingState(model, optimizer: optimizer, seed: seed)
    try made.bind(try tree.rebuilt(Model.self, with: tensors))
    try made.withMutableValues { memory in
      try file.readShared(into: form.shared.map { memory[$0.place] })
    }
    made.step = file.step
    (state, self.capacity) = (made, capacity)
  }

  // MARK: Where rows go

  /// What gates choose for a batch in the next step, and the experts that come of it, in order.
  private mutating func routed(_ batch: Input, _ form: PagedForm) throws -> (choices: [Tensor], experts: [Int]) {
    guard let state, let values = state.values else { throw TensorError("PagedTraining", "has no state") }
    let prepared = try PreparedArguments(batch)
    let routing = try routing(prepared, values, form)
    try routing.labels.verify(prepared.literals, at: "step \(state.step + 1)")
    let arguments = form.routed(values).map { values.values[$0] } + prepared.literals + [try state.nextWords()]
    let results = try routing.function.run(arguments.map(\.buffer)).map { Tensor($0) }
    var experts: Set<Int> = []
    for tensor in results.dropFirst(routing.choiceCount) { experts.formUnion(try tensor.integers()) }
    return (Array(results.prefix(routing.choiceCount)), experts.sorted())
  }

  private func routing(_ batch: PreparedArguments, _ values: StepValues, _ form: PagedForm) throws -> Routing {
    if let known = routings[batch.form] { return known }
    let epoch = Trace.beginRecording()
    let places = form.routed(values)
    let parameters = places.map { Tensor.placeholder(values.types[$0], name: values.slots[$0].path, isParameter: true) }
    let words = Tensor.placeholder(TensorType([2], .uint32), name: "key")
    let inputs = batch.tree.placeholders
    var tensors = [Tensor?](repeating: nil, count: values.model.tree.leaves.count)
    for (place, parameter) in zip(places, parameters) { tensors[values.slots[place].leaf] = parameter }
    let identities = Parameter.Identity.fresh(tensors.count)
    let run = Run(
      .training, key: RandomKey(words: words),
      binding: ParameterBinding(RandomKey(seed: seed), besides: identities),
      precision: precision ?? Run.current.precision)
    let routed = RoutedExperts()
    let (_, _, labels, _) = try run.receivingAll(identities) {
      let model = try values.model.tree.rebuilt(Model.self, with: tensors, identities: identities)
      let input = try batch.tree.rebuilt(Input.self, with: inputs)
      return try ExpertPlacement.routing(bank, into: routed) { try loss(model, input) }
    }
    let (choices, experts) = (routed.choices, routed.experts)
    let arguments = parameters + inputs.compactMap { $0 } + [words]
    let function = try CompiledFunction(Trace(arguments: arguments, outputs: choices + experts, since: epoch))
    let made = Routing(
      function: function, choiceCount: choices.count, labels: LabelChecks(labels, on: inputs.compactMap { $0 }))
    return routings.keep(made, for: batch.form, bytes: function.heldBytes)
  }

  // MARK: Experts in and out

  /// Brings experts into memory, in order.
  private mutating func fill(_ experts: [Int], _ form: PagedForm, _ file: ExpertFile) throws {
    let capacity = capacity
    try state?.withMutableValues { memory in
      for (position, expert) in experts.enumerated() {
        let pieces = form.parts.map { Self.piece(memory[$0.place], position, of: capacity) }
        if file.holds(expert) {
          try file.read(expert, into: pieces)
        } else {
          for (piece, literal) in zip(pieces, try form.created(expert)) {
            try literal.withHostBytes { piece.copyMemory(from: $0) }
          }
        }
      }
      // What a step does must not depend on what the one before left here.
      for part in form.parts {
        for position in experts.count..<max(experts.count, capacity) {
          Self.piece(memory[part.place], position, of: capacity).initializeMemory(as: UInt8.self, repeating: 0)
        }
      }
    }
  }

  private func write(
    _ state: inout TrainingState<Model, Rule>, _ experts: [Int], _ form: PagedForm, _ file: ExpertFile
  ) throws {
    let capacity = capacity
    try state.withMutableValues { memory in
      try file.commit(
        experts,
        pieces: { position in
          form.parts.map { UnsafeRawBufferPointer(Self.piece(memory[$0.place], position, of: capacity)) }
        }, shared: form.shared.map { UnsafeRawBufferPointer(memory[$0.place]) })
    }
  }

  /// The bytes at a position of a bank.
  private static func piece(
    _ memory: UnsafeMutableRawBufferPointer, _ position: Int, of capacity: Int
  ) -> UnsafeMutableRawBufferPointer {
    let bytes = memory.count / capacity
    return UnsafeMutableRawBufferPointer(rebasing: memory[position * bytes..<(position + 1) * bytes])
  }

  // MARK: Reading

  private func complete() throws -> (PagedForm, ExpertFile) {
    guard let form, let file else {
      throw TensorError("PagedTraining", "no step has been taken, which would tell what experts are made of")
    }
    return (form, file)
  }

  func expert(_ number: Int) throws -> [String: Tensor] {
    let (form, file) = try complete()
    guard (0..<form.experts).contains(number) else {
      throw TensorError("PagedTraining", "has experts 0..<\(form.experts), found \(number)")
    }
    guard file.holds(number) else { return named(form.parts, try form.created(number).map { Tensor($0) }) }
    return try read(form.parts) { try file.read(number, into: $0) }
  }

  func sharedTensors() throws -> [String: Tensor] {
    let (form, file) = try complete()
    return try read(form.shared) { try file.readShared(into: $0) }
  }

  private func read(
    _ parts: [PagedForm.Part], _ body: ([UnsafeMutableRawBufferPointer]) throws -> Void
  ) throws -> [String: Tensor] {
    var literals = try parts.map { try $0.zeros() }
    try literals.withMutableHostBytes(body)
    return named(parts, literals.map { Tensor($0) })
  }

  private func named(_ parts: [PagedForm.Part], _ tensors: [Tensor]) -> [String: Tensor] {
    let isExperts = parts.first?.name == form?.parts.first?.name
    return Dictionary(zip(parts, tensors).map { ($0.name, isExperts ? $1[0] : $1) }) { first, _ in first }
  }
}
