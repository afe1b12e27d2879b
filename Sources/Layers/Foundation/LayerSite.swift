import DescentGraph
import DescentTensors

/// A layer as its errors and parameters see it: what it is called, and the type of its numbers.
struct LayerSite {
  let layerType: String
  let title: String
  /// The layer's path in its model; its type where it has none or is not known.
  private let path: String

  /// The site of a layer that holds a parameter.
  init(_ layerType: String, holding parameter: Parameter) {
    self.layerType = layerType
    title = parameter.title(of: layerType)
    path = parameter.layer.isEmpty ? layerType : parameter.layer
  }

  /// The site of a layer that holds no parameter, and so does not know where it stands.
  init(_ layerType: String) {
    self.layerType = layerType
    title = layerType
    path = layerType
  }

  /// The site of a layer that holds a part with a parameter.
  init(_ layerType: String, around parameter: Parameter) {
    self.layerType = layerType
    let place = parameter.layer.split(separator: ".").dropLast().joined(separator: ".")
    title = place.isEmpty ? layerType : "\(place) (\(layerType))"
    path = place.isEmpty ? layerType : place
  }

  /// What the layer computes, in plans as its own.
  func computing(_ body: () -> Tensor) -> Tensor { RecordingScope.layer(path, body) }

  func failure(_ message: String) -> Tensor { Tensor(error: TensorError(title, message)) }

  /// An error where the input is not of floating-point numbers, else `nil`.
  func refusal(of input: Tensor) -> Tensor? {
    input.elementType.isFloatingPoint
      ? nil : failure("takes floating-point numbers, found \(input.elementType); convert with converted(to:)")
  }

  /// A parameter's values in the shape and the element type that the layer computes in: of another type where the pass has
  /// no precision, they are a mistake.
  ///
  /// - Parameter drawn: The shape that tells the initializer what the axes mean, where it is not the parameter's.
  func values(
    of parameter: Parameter, _ shape: Shape, _ elementType: ElementType, _ initializer: Initializer,
    drawnAs drawn: Shape? = nil
  ) -> Tensor {
    values(of: parameter, shape, elementType) { key, type in
      initializer.values(drawn ?? shape, key: key, type).reshaped(shape)
    }
  }

  /// A parameter's values in the shape and the element type that the layer computes in, with first values of its own; see
  /// `values(of:_:_:_:drawnAs:)`.
  ///
  /// - Parameter drawing: Gives the first values, from a key and the type that the parameter has.
  func values(
    of parameter: Parameter, _ shape: Shape, _ elementType: ElementType, drawing: (RandomKey, ElementType) -> Tensor
  ) -> Tensor {
    let values = parameter.bound(to: shape, in: layerType, as: elementType) { key, _ in
      // Drawn in the type that the parameter has, not rounded to that of the computation first.
      drawing(key, Run.current.precision?.parameters ?? elementType)
    }
    if values.error != nil { return titled(values) }
    guard values.elementType == elementType else {
      return failure(
        "its parameters are \(values.elementType), the input is \(elementType); convert one with converted(to:)")
    }
    return values
  }

  /// The result of an operation, whose error, if it made one, is told as this layer's.
  ///
  /// - Parameter hint: What is added to the error.
  func titled(_ result: Tensor, hint: @autoclosure () -> String = "") -> Tensor {
    guard let error = result.error, error.operation != title else { return result }
    return failure("\(error.operation): \(error.message)\(hint())")
  }
}
