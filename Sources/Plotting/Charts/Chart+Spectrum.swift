import DescentTensors

extension Chart {
  /// The density of a Hessian's eigenvalues, on a logarithmic axis, since a few of them lie far from all others.
  ///
  /// - Parameters:
  ///   - spectrum: The eigenvalues, as `hessianSpectrum(at:samples:steps:seed:of:)` gives them.
  ///   - title: What is written above.
  ///   - width: The standard deviation that each point is spread over; where none is given, a hundredth of the distance between
  ///     the outermost points.
  ///   - points: At how many places the density is computed.
  /// - Throws: `TensorError` where the width is not positive, there are fewer than two places, or eigenvalues are not finite.
  public static func spectrum(
    _ spectrum: HessianSpectrum, title: String = "Eigenvalues of the Hessian", width: Double? = nil, points: Int = 600
  ) throws -> Chart {
    guard points >= 2 else { throw TensorError("spectrum", "takes at least 2 places, found \(points)") }
    let (least, most) = (try spectrum.points.min().item(), try spectrum.points.max().item())
    guard least.isFinite, most.isFinite else {
      throw TensorError("spectrum", "the eigenvalues are not finite: \(least) to \(most)")
    }
    let spread = most > least ? most - least : 1
    let margin = max(4 * (width ?? spread / 100), spread / 20)
    let places = Tensor(rangeFrom: least - margin, through: most + margin, count: points).converted(to: .float64)
    let density = try spectrum.density(at: places, width: width ?? spread / 100)
    // Far from all points the density is 0 in Float64, which a logarithmic axis cannot show.
    let lowest = try density.max().item() * 1e-7
    let shown = maximum(density, Tensor(lowest, .float64))
    return Chart(
      title, subtitle: "\(spectrum.points.shape[0]) directions of \(spectrum.dimension) numbers", x: "eigenvalue",
      y: .init("density", .logarithmic), [.line(places, shown), .level(x: 0)])
  }
}
