/// What training did, epoch by epoch.
public struct TrainingReport: Sendable, Hashable, Codable {
  /// The means of an epoch.
  public struct Epoch: Sendable, Hashable, Codable {
    /// Which epoch, counted from 1.
    public var number: Int
    /// The means over the training batches: `loss`, the metrics in their order, and what layers reported, each batch before
    /// its update.
    public var training: Means
    /// The means over the validation set; empty where there was none.
    public var validation: Means
    /// The time that training took, validation excluded, in seconds.
    public var seconds: Double
    /// The number of training examples.
    public var examples: Int
  }

  /// The epochs in order; those of a run that this one went on from included.
  public var epochs: [Epoch] = []
  /// The number of steps since the model was new, earlier calls and runs included.
  public var stepCount = 0
  /// The time from the call to the end of the first step, compilation included, in seconds.
  public var firstStepSeconds = 0.0
  /// The memory that the step's plan takes in addition to the parameters, in bytes.
  public var planBytes = 0
  /// The most memory that the process has occupied so far, in bytes.
  public var peakMemoryBytes = 0
  /// The number of training examples a second, first step and validation excluded.
  public var examplesPerSecond = 0.0
  /// Where the time of this call went.
  public var timing = TrainingTiming()
  /// Why a callback ended training before the last epoch; `nil` where none did.
  public var stopReason: String?

  /// The last epoch's mean training loss, or NaN before the first.
  public var loss: Double { epochs.last?.training["loss"] ?? .nan }

  /// Nothing done yet.
  public init() {}
}
