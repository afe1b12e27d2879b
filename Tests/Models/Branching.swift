import DescentLayers
import DescentTensors

/// A model with a layer that is used in training alone and one that is used in inference alone.
public struct Branching: Layer {
  public var body = Dense(units: 2)
  public var auxiliary = Dense(units: 3)
  public var head = Dense(units: 4)

  public init() {}

  public func callAsFunction(_ x: Tensor) -> Tensor {
    let h = body(x)
    return Run.current.isTraining ? auxiliary(h) : head(h)
  }
}
