/// The measured cost of one kernel of a plan.
public struct KernelProfile: Sendable, Hashable {
  /// What the kernel computes: the operations it joins.
  public var name: String
  /// The shapes it works on, as text.
  public var shapes: String
  /// The layer that recorded what the kernel computes, by its path in the model, such as `encoder.conv1`; empty where it
  /// is part of none. Of a kernel that joins operations of several layers, that of its last result.
  public var layer: String
  /// What it is computed for.
  public var phase: PlanPhase
  /// How often it was called.
  public var calls: Int
  /// The time of all calls, in seconds.
  public var seconds: Double
  /// The bytes that one call must move between memory and processor.
  public var bytes: Int
  /// The floating-point operations of one call.
  public var flops: Int

  /// Describes a kernel's cost.
  public init(
    name: String, shapes: String, layer: String = "", phase: PlanPhase = .forward, calls: Int, seconds: Double,
    bytes: Int, flops: Int
  ) {
    self.name = name
    self.shapes = shapes
    self.layer = layer
    self.phase = phase
    self.calls = calls
    self.seconds = seconds
    self.bytes = bytes
    self.flops = flops
  }
}
