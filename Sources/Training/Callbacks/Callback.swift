/// Something that happens alongside training: showing progress, writing checkpoints, or the user's own.
public struct Callback: Sendable {
  /// What has happened in training.
  public enum Event: Sendable {
    /// A step has been done.
    case step(TrainingProgress)
    /// An epoch has ended: validation is done, and a checkpoint is written where they are kept.
    case epoch(TrainingReport.Epoch, TrainingProgress)
  }

  enum Kind: Sendable {
    case progress
    case interruptible
    case checkpoint(CheckpointFolder, seconds: Double, resuming: Bool)
    case function(@Sendable (Event) throws -> Bool)
    case custom(any TrainingCallback)
    case several([Callback])
  }

  let kind: Kind

  init(kind: Kind) { self.kind = kind }

  /// A callback with settings and a state of its own.
  public init(_ callback: some TrainingCallback) { kind = .custom(callback) }

  /// A progress bar on standard error, plain lines where that is not a terminal.
  public static let progress = Callback(kind: .progress)

  /// Ends training after the current step when the process is asked to end, by SIGINT (Ctrl-C) or SIGTERM.
  ///
  /// A last checkpoint is written where checkpoints are kept, and `fit` throws `TrainingError`. A second signal ends the
  /// process at once. The signals are the process's: two trainings at a time cannot both listen.
  public static let interruptible = Callback(kind: .interruptible)

  /// Checkpoints in a directory, from which a run that was killed goes on and ends with the same bits.
  ///
  /// Checkpoints of an earlier run that this one does not go on from are moved into a directory `earlier-1` within.
  ///
  /// - Parameters:
  ///   - directory: Where checkpoints are kept; it is made where it does not exist. It belongs to one run at a time.
  ///   - seconds: The time between checkpoints within an epoch. Each epoch's end writes one in any case.
  ///   - keeping: How many of the latest checkpoints are kept, at least 1.
  ///   - resuming: Whether training goes on from the latest good checkpoint in the directory, if there is one.
  public static func checkpoint(
    _ directory: String, every seconds: Double = 60, keeping: Int = 2, resuming: Bool = false
  ) -> Callback {
    let folder = CheckpointFolder(path: directory, keeping: max(1, keeping))
    return Callback(kind: .checkpoint(folder, seconds: seconds, resuming: resuming))
  }

  /// A function that is called after each step and each epoch; training ends early when it returns `false`.
  ///
  /// Functions are called in their order. Training that ends early writes a last checkpoint where checkpoints are kept; what
  /// a function throws ends training at once.
  public static func each(_ function: @escaping @Sendable (Event) throws -> Bool) -> Callback {
    Callback(kind: .function(function))
  }
}

/// The progress of training.
public struct TrainingProgress: Sendable, Hashable {
  /// Which epoch, counted from 0.
  public var epoch: Int
  /// The number of epochs asked for.
  public var epochCount: Int
  /// The number of batches of this epoch that are done.
  public var batch: Int
  /// The number of batches in an epoch.
  public var batchCount: Int
  /// The number of steps since the model was new.
  public var stepCount: Int
  /// The means of this epoch so far, in the order of `names`.
  public var means: [Double]
  /// `loss`, the metrics' names, and those of what layers reported.
  public var names: [String]
  /// The number of examples that this call has trained on, those of the first step excluded.
  public var examples: Int
  /// The number of steps that this call has timed: all but the first.
  public var stepsTimed: Int
  /// The time of the steps timed, in seconds.
  public var seconds: Double

  /// The number of training examples a second, first step and validation excluded.
  public var examplesPerSecond: Double { seconds > 0 ? Double(examples) / seconds : 0 }
}
