/// The measured cost of a layer's kernels in one phase of a plan.
///
/// ```swift
/// for layer in LayerProfile.grouping(try step.profile(batch, runs: 20)) { print(layer) }
/// ```
public struct LayerProfile: Sendable, Hashable, CustomStringConvertible {
  /// The layer's path in the model, such as `encoder.conv1`; empty of what is part of no layer.
  public var layer: String
  /// What the kernels compute.
  public var phase: PlanPhase
  /// The number of kernels.
  public var kernels: Int
  /// The time of one run of all of them, in seconds.
  public var seconds: Double
  /// The part of the whole plan's time, from 0 to 1.
  public var share: Double
  /// The bytes that one run must move between memory and processor.
  public var bytes: Double
  /// The floating-point operations of one run.
  public var flops: Double

  /// The kernels of a plan grouped by layer and phase, in the order in which they run first.
  ///
  /// - Parameter kernels: The kernels as `profile` gives them.
  /// - Complexity: O(kernels).
  public static func grouping(_ kernels: [KernelProfile]) -> [LayerProfile] {
    struct Key: Hashable {
      let layer: String
      let phase: PlanPhase
    }
    func oneRun(_ kernel: KernelProfile) -> Double { kernel.seconds / Double(max(1, kernel.calls)) }
    let whole = kernels.reduce(0) { $0 + oneRun($1) }
    var places: [Key: Int] = [:]
    var layers: [LayerProfile] = []
    for kernel in kernels {
      let key = Key(layer: kernel.layer, phase: kernel.phase)
      let place = places[key] ?? layers.count
      if place == layers.count {
        places[key] = place
        layers.append(
          LayerProfile(
            layer: key.layer, phase: key.phase, kernels: 0, seconds: 0, share: 0, bytes: 0, flops: 0))
      }
      layers[place].kernels += 1
      layers[place].seconds += oneRun(kernel)
      layers[place].bytes += Double(kernel.bytes)
      layers[place].flops += Double(kernel.flops)
    }
    if whole > 0 { for index in layers.indices { layers[index].share = layers[index].seconds / whole } }
    return layers
  }

  /// The layer and its phase, such as `conv1 backward`.
  public var name: String { "\(layer.isEmpty ? "no layer" : layer) \(phase.rawValue)" }

  /// One line: the part of the whole, the time of one run, and the layer with its phase.
  public var description: String {
    let tenths = Int((share * 1_000).rounded())
    let nanoseconds = Int((seconds * 1e9).rounded())
    let part = "\(tenths / 10).\(tenths % 10) %"
    let time = "\(nanoseconds / 1_000).\(nanoseconds % 1_000 / 100) µs"
    return "\(name): \(part), \(time), \(kernels) kernel\(kernels == 1 ? "" : "s")"
  }
}
