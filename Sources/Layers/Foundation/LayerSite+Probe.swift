import DescentTensors

extension LayerSite {
  /// A layer's output as the run's probe wants it, where there is one.
  ///
  /// - Parameters:
  ///   - kind: How the layer uses its parameters.
  ///   - input: What goes in; asked for where there is a probe.
  func probed(
    _ kind: PassProbe.Kind, _ weight: Parameter, _ bias: Parameter?, _ input: @autoclosure () -> Tensor,
    _ output: Tensor
  ) -> Tensor {
    guard let probe = Run.current.probe, output.error == nil else { return output }
    return probe.layer(kind, weight, bias, input(), output)
  }
}
