extension Scan {
  /// One loop that carries tangents in addition to the values: forward mode keeps nothing.
  func pushedForward(
    _ context: LinkedContext
  ) throws(OperationError) -> (results: [Symbol], tangents: [Symbol?]) {
    var moving = context.moving
    var derivative = try context.transforms.forward(body, moving: moving)
    // A carried value that starts without a tangent may get one on the way.
    while grow(&moving, derivative.moving) { derivative = try context.transforms.forward(body, moving: moving) }
    let (types, outputs, moves) = (body.inputTypes, body.outputTypes, derivative.moving)
    let parts = [carries, sequences, constants]
    let step = try Body.write(parts.flatMap { part in types[part] + part.filter { moving[$0] }.map { types[$0] } }) {
      builder, inputs throws(OperationError) in
      var rest = inputs[...]
      var (values, directions): ([Symbol], [Symbol]) = ([], [])
      for part in parts {
        values += rest.take(part.count)
        directions += rest.take(part.count { moving[$0] })
      }
      let results = builder.inline(derivative.body.graph, values + directions)
      let tangents = context.spread(results[outputs.count...], over: moves)
      var given = Array(results[carries])
      for index in carries where moving[index] { given.append(tangents[index] ?? builder.constant(0, outputs[index])) }
      given += results[carryCount..<outputs.count]
      for case let tangent? in tangents[carryCount...] { given.append(tangent) }
      return given
    }
    let movingCarries = carries.filter { moving[$0] }
    let movingOutputs = (carryCount..<outputs.count).filter { moves[$0] }
    let operands = parts.flatMap { part in
      context.operands[part] + part.filter { moving[$0] }.map { context.tangents[$0] ?? context.operands[$0].zeros }
    }
    let scan = Scan(
      step, length: length, carryCount: carryCount + movingCarries.count,
      sequenceCount: sequenceCount + sequences.count { moving[$0] }, isReversed: isReversed)
    var rest = context.builder.emit(scan, operands)[...]
    let last = rest.take(carryCount)
    let lastTangents = rest.take(movingCarries.count)
    let stacked = rest.take(outputs.count - carryCount)
    let directions = lastTangents + rest
    return (last + stacked, directions.spread(over: movingCarries + movingOutputs, count: outputs.count))
  }

  /// The loop itself, which also stacks what its derivative will read, and a loop that is linear in the tangents.
  func linearized(
    _ context: LinkedContext
  ) throws(OperationError) -> (results: [Symbol], tangents: [Symbol?]) {
    let isFree = body.inputTypes.indices.map { $0 >= carryCount }
    var moving = context.moving
    func split() throws(OperationError) -> Linearization {
      try context.transforms.linearized(body, moving: moving, isFree: isFree, retention: .everything)
    }
    var parts = try split()
    while grow(&moving, parts.moving) { parts = try split() }
    let outputCount = body.graph.outputs.count

    // What does not change from step to step is not stacked, but computed once outside the loop; what the loop stacks
    // as an output is not stacked again.
    let changes = parts.primal.graph.dependence(on: isFree.indices.map { $0 < carryCount + sequenceCount })
    let stacked = parts.residuals.filter { residual in
      switch residual {
      case .input(let index): index < carryCount
      case .kept(let output): changes[output] && !(carryCount..<outputCount).contains(output)
      }
    }
    let primal = try Body.write(body.inputTypes) { builder, inputs throws(OperationError) in
      let values = builder.inline(parts.primal.graph, inputs)
      return values[..<outputCount]
        + stacked.map { residual in
          switch residual {
          case .input(let index): inputs[index]
          case .kept(let output): values[output]
          }
        }
    }
    let scan = Scan(
      primal, length: length, carryCount: carryCount, sequenceCount: sequenceCount, isReversed: isReversed)
    let results = context.builder.emit(scan, context.operands)
    var kept = Dictionary(uniqueKeysWithValues: zip(stacked, results[outputCount...]))
    for output in carryCount..<outputCount { kept[.kept(output)] = results[output] }

    var (residualSequences, residualConstants): ([Symbol], [Symbol]) = ([], [])
    let isSequence = parts.residuals.map { residual in
      if let values = kept[residual] {
        residualSequences.append(values)
        return true
      }
      switch residual {
      case .input(let index):
        if sequences.contains(index) {
          residualSequences.append(context.operands[index])
          return true
        }
        residualConstants.append(context.operands[index])
      case .kept(let output):
        let whole = parts.primal.graph.keeping(outputs: [output])
        // The loop's own arguments are not read: the value does not depend on them.
        let arguments = body.inputTypes.indices.map { index in
          constants.contains(index)
            ? context.operands[index] : context.builder.constant(0, body.inputTypes[index])
        }
        residualConstants.append(context.builder.inline(whole, arguments)[0])
      }
      return false
    }
    let tangents = try linearScan(
      context, parts, moving, isSequence, sequences: residualSequences, constants: residualConstants)
    return (Array(results[..<outputCount]), tangents)
  }

  /// The loop over tangents, and the tangent of each result.
  private func linearScan(
    _ context: LinkedContext, _ parts: Linearization, _ moving: [Bool], _ isSequence: [Bool],
    sequences residualSequences: [Symbol], constants residualConstants: [Symbol]
  ) throws(OperationError) -> [Symbol?] {
    let (types, outputs) = (body.inputTypes, body.outputTypes)
    let movingCarries = carries.filter { moving[$0] }
    let movingOutputs = (carryCount..<outputs.count).filter { parts.moving[$0] }
    func moved(_ part: Range<Int>) -> [Int] { part.filter { moving[$0] } }
    var stepTypes = movingCarries.map { types[$0] }
    stepTypes += residualSequences.map(\.type.part)
    stepTypes += moved(sequences).map { types[$0] }
    stepTypes += residualConstants.map(\.type)
    stepTypes += moved(constants).map { types[$0] }
    let step = try Body.write(stepTypes) { builder, inputs throws(OperationError) in
      var rest = inputs[...]
      var directions = rest.take(movingCarries.count)
      var stacked = rest.take(residualSequences.count)[...]
      directions += rest.take(moved(sequences).count)
      var fixed = rest.take(residualConstants.count)[...]
      directions += rest
      let residuals = isSequence.flatMap { $0 ? stacked.take(1) : fixed.take(1) }
      let tangents = context.spread(
        builder.inline(parts.linear.graph, residuals + directions), over: parts.moving)
      var given: [Symbol] = []
      for index in movingCarries { given.append(tangents[index] ?? builder.constant(0, types[index])) }
      for index in movingOutputs { if let tangent = tangents[index] { given.append(tangent) } }
      return given
    }
    func tangents(_ part: Range<Int>) -> [Symbol] {
      moved(part).map { context.tangents[$0] ?? context.operands[$0].zeros }
    }
    let scan = Scan(
      step, length: length, carryCount: movingCarries.count,
      sequenceCount: residualSequences.count + moved(sequences).count, isReversed: isReversed)
    var operands = tangents(carries) + residualSequences
    operands += tangents(sequences) + residualConstants
    operands += tangents(constants)
    let directions = context.builder.emit(scan, operands)
    return directions.spread(over: movingCarries + movingOutputs, count: outputs.count)
  }

  /// Lets carried values move that a step makes move; whether there were any.
  private func grow(_ moving: inout [Bool], _ outputs: [Bool]) -> Bool {
    var hasGrown = false
    for index in carries where outputs[index] && !moving[index] {
      moving[index] = true
      hasGrown = true
    }
    return hasGrown
  }

  /// The loop backwards: it carries the cotangents of the carried values and sums those of the constants.
  package func transposed(_ context: TransposeContext) -> [Symbol?] {
    attempt(context) { () throws(OperationError) in
      let (types, outputs) = (body.inputTypes, body.outputTypes)
      // A carried value may start as a known zero: the steps are linear in it all the same.
      let linear = types.indices.map { $0 < carryCount || context.isLinear($0) }
      let hasCotangent = outputs.indices.map { $0 < carryCount || context.cotangents[$0] != nil }
      let back = try context.transforms.transposed(body, linear: linear, cotangents: hasCotangent)
      let linearInputs = types.indices.filter { linear[$0] }
      let receiving = Set(zip(linearInputs, back.moving).filter(\.1).map(\.0))
      let summed = constants.filter { receiving.contains($0) }
      let stacked = sequences.filter { receiving.contains($0) }
      let given = (carryCount..<outputs.count).filter { hasCotangent[$0] }
      let (readSequences, readConstants) = (sequences.filter { !linear[$0] }, constants.filter { !linear[$0] })
      var stepTypes = (Array(carries) + summed).map { types[$0] }
      stepTypes += given.map { outputs[$0] }
      stepTypes += (readSequences + readConstants).map { types[$0] }
      let step = try Body.write(stepTypes) { builder, inputs throws(OperationError) in
        var rest = inputs[...]
        let carried = rest.take(carryCount)
        let sums = rest.take(summed.count)
        let cotangents = rest.take(given.count)
        let received = builder.inline(back.body.graph, rest + carried + cotangents)
          .spread(over: linearInputs.filter { receiving.contains($0) }, count: types.count)
        var sent = carries.map { received[$0] ?? builder.constant(0, types[$0]) }
        for (index, sum) in zip(summed, sums) { sent.append(received[index].map { sum + $0 } ?? sum) }
        for index in stacked { if let cotangent = received[index] { sent.append(cotangent) } }
        return sent
      }
      let scan = Scan(
        step, length: length, carryCount: carryCount + summed.count, sequenceCount: given.count + readSequences.count,
        isReversed: !isReversed)
      var operands = carries.map { context.cotangents[$0] ?? context.builder.constant(0, types[$0]) }
      operands += summed.map { context.builder.constant(0, types[$0]) }
      operands += given.compactMap { context.cotangents[$0] }
      operands += (readSequences + readConstants).compactMap { context.operands[$0] }
      return context.builder.emit(scan, operands).spread(over: Array(carries) + summed + stacked, count: types.count)
    }
  }
}

extension Array where Element == Symbol {
  /// The values at the given places of a list, `nil` elsewhere.
  func spread(over places: [Int], count: Int) -> [Symbol?] {
    var list = [Symbol?](repeating: nil, count: count)
    for (place, value) in zip(places, self) { list[place] = value }
    return list
  }
}
