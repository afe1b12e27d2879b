import DescentGraph

/// What rules ask for when their operation holds functions.
///
/// Each result is kept with the body that it was made of.
struct Transforms: GraphTransforms {
  /// A derived function, with marks on its outputs.
  private struct Marked: Sendable {
    let body: Body
    let marks: [Bool]
  }

  func forward(_ body: Body, moving: [Bool]) throws(OperationError) -> (body: Body, moving: [Bool]) {
    let derivative = try body.remembered(.init(.forward, moving)) { () throws(OperationError) in
      let builder = GraphBuilder()
      let arguments = body.graph.copyInputs(to: builder)
      let tangents = zip(arguments, moving).map { $1 ? builder.input($0.type) : nil }
      let (values, directions) = builder.pushForward(body.graph, arguments, tangents: tangents)
      let graph = try builder.graph(outputs: values + directions.compactMap { $0 })
      return Marked(body: Body(graph), marks: directions.map { $0 != nil })
    }
    return (derivative.body, derivative.marks)
  }

  func linearized(
    _ body: Body, moving: [Bool], isFree: [Bool], retention: Retention
  ) throws(OperationError) -> Linearization {
    try body.remembered(.init(.linearKeeping(retention), moving, isFree)) { () throws(OperationError) in
      let writer = LinearizationWriter(body.graph, moving: moving)
      return try writer.split(isFree: isFree, retention: retention)
    }
  }

  func transposed(
    _ body: Body, linear: [Bool], cotangents: [Bool]
  ) throws(OperationError) -> (body: Body, moving: [Bool]) {
    let transpose = try body.remembered(.init(.transposed, linear, cotangents)) { () throws(OperationError) in
      let builder = GraphBuilder()
      let known = zip(body.inputTypes, linear).map { $1 ? nil : builder.input($0) }
      let received = builder.transpose(
        body.graph, known, cotangents: zip(body.outputTypes, cotangents).map { $1 ? builder.input($0) : nil })
      return Marked(
        body: Body(try builder.graph(outputs: received.compactMap { $0 })), marks: received.map { $0 != nil })
    }
    return (transpose.body, transpose.marks)
  }

  func batched(
    _ body: Body, size: Int, isBatched: [Bool], forced: [Bool]
  ) throws(OperationError) -> (body: Body, isBatched: [Bool]) {
    let wide = try body.remembered(.init(.batched(size: size), isBatched, forced)) { () throws(OperationError) in
      let builder = GraphBuilder()
      let (values, hasAxis) = builder.batch(body.graph, size: size, isBatched: isBatched)
      let outputs = values.indices.map { index in
        forced[index] && !hasAxis[index] ? values[index].broadcast(leading: size) : values[index]
      }
      return Marked(
        body: Body(try builder.graph(outputs: outputs)), marks: zip(hasAxis, forced).map { $0 || $1 })
    }
    return (wide.body, wide.marks)
  }
}
