extension Program {
  /// A program that breaks the same promise and from which nothing more can be taken.
  ///
  /// Whatever makes it smaller is tried in a fixed order, so that the same program shrinks to the same one.
  ///
  /// - Parameter isFaulty: Whether a program still breaks the promise.
  func shrunk(attempts: Int = 3_000, while isFaulty: (Program) -> Bool) -> Program {
    var program = self
    var left = attempts
    var isShrinking = true
    while isShrinking {
      isShrinking = false
      for smaller in program.smaller where left > 0 {
        left -= 1
        guard smaller != program, isFaulty(smaller) else { continue }
        program = smaller
        isShrinking = true
        break
      }
    }
    return program
  }

  /// Programs a little smaller than this one, the boldest cuts first.
  private var smaller: [Program] {
    body.smaller.map { Program(inputs: inputs, body: $0) } + withoutInputs + withSmallerInputs
  }

  private var withoutInputs: [Program] {
    inputs.indices.dropFirst().reversed().map { index in
      var program = self
      program.body = program.body.renaming(index, to: 0)
      // Names stay; only the last argument can go.
      if index == inputs.count - 1 { program.inputs.removeLast() }
      return program
    }
  }

  private var withSmallerInputs: [Program] {
    var programs: [Program] = []
    for (index, sizes) in inputs.enumerated() {
      for axis in sizes.indices {
        var fewer = self
        fewer.inputs[index].remove(at: axis)
        programs.append(fewer)
      }
      for (axis, size) in sizes.enumerated() where size > 1 {
        for smaller in [1, size / 2, size - 1] where smaller < size {
          var narrower = self
          narrower.inputs[index][axis] = smaller
          programs.append(narrower)
        }
      }
    }
    return programs
  }
}

extension Block {
  /// Blocks a little smaller than this one.
  fileprivate var smaller: [Block] {
    fewerResults + fewerSteps + unwrapped + withSmallerFunctions + withSimplerSteps
  }

  private var fewerResults: [Block] {
    guard results.count > 1 else { return [] }
    return results.indices.map { index in
      var block = self
      block.results = [results[index]]
      return block
    }
  }

  /// Runs of steps left out, long ones first.
  private var fewerSteps: [Block] {
    var blocks: [Block] = []
    var length = steps.count
    while length > 0 {
      for start in stride(from: steps.count - length, through: 0, by: -length) {
        var block = self
        for index in (start..<start + length).reversed() { block = block.removing(index) }
        blocks.append(block)
      }
      length /= 2
    }
    return blocks
  }

  private var unwrapped: [Block] {
    steps.indices.flatMap { index in steps[index].blocks.indices.map { unwrapping(index, $0) } }
  }

  private var withSmallerFunctions: [Block] {
    steps.indices.flatMap { index in
      steps[index].blocks.indices.flatMap { function in
        steps[index].blocks[function].smaller.map { smaller in
          var block = self
          block.steps[index].blocks[function] = smaller
          return block
        }
      }
    }
  }

  /// Steps that read one value instead of two, or choose the first of what they choose from.
  private var withSimplerSteps: [Block] {
    var blocks: [Block] = []
    for (index, step) in steps.enumerated() {
      for (position, operand) in step.operands.enumerated().dropFirst() where operand != step.operands[0] {
        var block = self
        block.steps[index].operands[position] = step.operands[0]
        blocks.append(block)
      }
      for (position, number) in step.numbers.enumerated() where number != 0 {
        for smaller in [0, number % 20, number / 2] where smaller < number {
          var block = self
          block.steps[index].numbers[position] = smaller
          blocks.append(block)
        }
      }
    }
    return blocks
  }
}
