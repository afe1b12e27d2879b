import DescentTypes
import Foundation

/// The loop over trials: begins them, as many at once as there are workers, and writes down how they end.
///
/// Everything but the measured function happens on the calling thread, so that methods, storages and callbacks are called
/// by one thread at a time.
final class StudyRun {
  struct Request: Sendable {
    var trials: Int
    var workers: Int
    var stops: [StudyStop]
    var timeLimit: Double?
    var failures: Int
    var after: (@Sendable (TrialRecord) -> Void)?
    var objective: @Sendable (Trial) throws -> [Double]
  }

  private struct Running {
    var trial: Trial
    var deadline: Double
    /// `nil` where it runs on the calling thread.
    var thread: WorkerThread?
  }

  /// Where threads leave what came of trials.
  private final class Results: @unchecked Sendable {
    // Everything mutable is guarded by the condition.
    private let condition = NSCondition()
    private var ended: [(Int, Result<[Double], any Error>)] = []

    func add(_ number: Int, _ result: Result<[Double], any Error>) {
      condition.lock()
      ended.append((number, result))
      condition.signal()
      condition.unlock()
    }

    /// What came since the last time, waiting for it for a while.
    func take(within seconds: Double) -> [(Int, Result<[Double], any Error>)] {
      condition.lock()
      defer { condition.unlock() }
      if ended.isEmpty, seconds > 0 { _ = condition.wait(until: Date(timeIntervalSinceNow: seconds)) }
      defer { ended = [] }
      return ended
    }
  }

  private let study: Study
  private let request: Request
  private let results = Results()
  private var running: [Int: Running] = [:]
  private var idle: [WorkerThread] = []
  private var failuresInARow = 0
  private var watch: StudyWatch
  private var lastRelease = 0.0
  private let begin = ContinuousClock.now
  private let deadline: Double

  init(_ study: Study, _ request: Request) throws {
    func refused(_ words: String) -> SearchError { SearchError(study.name, words) }
    guard request.trials >= 0 else { throw refused("\(request.trials) trials, where 0 or more are needed") }
    guard (1...1_024).contains(request.workers) else {
      throw refused("\(request.workers) workers, where 1 to 1,024 are needed")
    }
    guard request.failures >= 1 else {
      throw refused("\(request.failures) failures in a row, where 1 or more are needed")
    }
    if let limit = request.timeLimit, !(limit > 0) { throw refused("a time limit of \(limit) seconds for a trial") }
    for stop in request.stops { try stop.check() }
    self.study = study
    self.request = request
    watch = StudyWatch(request.stops)
    deadline = watch.seconds
  }

  /// The seconds since the run began.
  private var now: Double {
    let (seconds, attoseconds) = (ContinuousClock.now - begin).components
    return Double(seconds) + Double(attoseconds) * 1e-18
  }

  /// Whether the measured function is called on this thread: nobody has to look after it.
  private var isInline: Bool {
    request.workers == 1 && request.timeLimit == nil && deadline == .infinity && !study.storage.isShared
  }

  func run() throws -> StudyEnd {
    defer { for thread in idle { thread.end() } }
    do {
      return try loop()
    } catch {
      giveUp("the study has ended with an error")
      throw error
    }
  }

  private func loop() throws -> StudyEnd {
    let most = study.sampler.trialCount(in: study.space)
    let trials = min(request.trials, most ?? .max)
    try release()
    if let end = try stopped() { return end }
    var end: StudyEnd?
    while true {
      if Task.isCancelled {
        giveUp("the task was canceled")
        return .canceled
      }
      if now >= deadline {
        giveUp("the study's \(deadline) seconds are over")
        return .time
      }
      if end == nil, running.count < request.workers, try next(below: trials) {
        if isInline { end = try stopped() }
        continue
      }
      if running.isEmpty {
        if let end { return end }
        let state = try study.ledger.refresh()
        if state.firstOpen >= trials { return request.trials <= trials ? .trials : .exhausted }
        try refuseUntold(state)
      }
      for (number, result) in results.take(within: try patience()) {
        guard let ended = running[number] else { continue }
        try finish(ended, result)
        end = try end ?? stopped()
      }
      try takeOver()
      for late in running.values.filter({ $0.deadline <= now }).sorted(by: { $0.trial.number < $1.trial.number }) {
        let limit = request.timeLimit ?? 0
        let words = "it did not end within \(limit) seconds"
        late.trial.cancel(words)
        try finish(late, .failure(SearchError("trial \(late.trial.number)", words)), isLost: true)
        end = try end ?? stopped()
      }
    }
  }

  /// Begins a trial.
  ///
  /// - Returns: Whether there was one.
  private func next(below trials: Int) throws -> Bool {
    let busy = Set(running.values.compactMap { $0.thread?.index })
    let index = (0..<request.workers).first { !busy.contains($0) } ?? 0
    guard let trial = try study.begin(below: trials, by: "\(study.worker).\(index)") else { return false }
    let objective = request.objective
    guard !isInline else {
      let result = Result { try objective(trial) }
      try finish(Running(trial: trial, deadline: .infinity), result)
      return true
    }
    let thread = idle.firstIndex { $0.index == index }.map { idle.remove(at: $0) } ?? WorkerThread(index)
    running[trial.number] = Running(
      trial: trial, deadline: request.timeLimit.map { now + $0 } ?? .infinity, thread: thread)
    let results = results
    thread.do { results.add(trial.number, Result { try objective(trial) }) }
    return true
  }

  /// How long to wait for results at most.
  private func patience() throws -> Double {
    let nearest = running.values.map(\.deadline).min() ?? .infinity
    return max(min(min(nearest, deadline) - now, running.count < request.workers ? 0.02 : 0.1), 0)
  }

  private func finish(_ ended: Running, _ result: Result<[Double], any Error>, isLost: Bool = false) throws {
    running[ended.trial.number] = nil
    if let thread = ended.thread {
      // One that does not come back is left to itself.
      if isLost { thread.end() } else { idle.append(thread) }
    }
    guard ended.trial.markTold() else { return }
    if case .failure(let error) = result, error is CancellationError, Task.isCancelled {
      try study.storage.release(ended.trial.number, in: study.id, by: ended.trial.worker)
      study.handedOut.all.withLock { $0[ended.trial.number] = nil }
      return
    }
    guard let outcome = try study.finish(ended.trial, result) else { return }
    failuresInARow = outcome.state == .failed ? failuresInARow + 1 : 0
    if let after = request.after {
      let records = try study.ledger.refresh().records
      if records.indices.contains(ended.trial.number) { after(records[ended.trial.number]) }
    }
    guard failuresInARow < request.failures else {
      var underlying: (any Error)?
      if case .failure(let error) = result { underlying = error }
      throw SearchError(
        study.name,
        "\(failuresInARow) trials in a row have failed, the last, trial \(ended.trial.number): \(outcome.message)",
        underlying: underlying)
    }
  }

  /// Whether a condition holds at which the study ends.
  private func stopped() throws -> StudyEnd? { try watch.end(of: study) }

  /// Lets go of trials that still run; they wait again.
  private func giveUp(_ reason: String) {
    for (number, lost) in running {
      lost.trial.cancel(reason)
      lost.thread?.end()
      guard lost.trial.markTold() else { continue }
      study.handedOut.all.withLock { $0[number] = nil }
      // A storage that cannot be reached finds out by itself that nobody runs the trial any more.
      try? study.storage.release(number, in: study.id, by: lost.trial.worker)
    }
    running = [:]
  }

  /// Nobody will ever tell what came of a trial that was asked for here.
  private func refuseUntold(_ state: Ledger.State) throws {
    let open = state.records.filter { $0.state == .running }
    let own = study.handedOut.all.withLock { Set($0.keys) }
    guard !open.isEmpty, open.allSatisfy({ own.contains($0.number) && $0.worker.hasPrefix(study.worker + ".") }) else {
      return
    }
    throw SearchError(
      study.name,
      "\(Study.list(open.map(\.number))) asked for and not told: tell what came of them before the study runs on")
  }

  /// Takes over now and then what dead workers have left.
  private func takeOver() throws {
    guard study.storage.isShared, now - lastRelease >= min(study.silence / 6, 10) else { return }
    try release()
  }

  private func release() throws {
    lastRelease = now
    guard study.storage.isShared else { return }
    _ = try study.storage.releaseTrials(of: study.id, silentFor: study.silence, attempts: study.attempts)
  }
}

extension Study {
  /// Runs trials until the study has so many, on one or several threads.
  ///
  /// A trial whose function throws has failed, and the study goes on; so has one whose result is not a number.
  ///
  /// - Parameters:
  ///   - trials: How many trials the study is to have altogether, those included that it has already.
  ///   - workers: How many trials run at once, each on a thread of its own. A function that uses all cores by itself gains
  ///     nothing by more than one.
  ///   - stops: When the study ends earlier.
  ///   - timeLimit: After how many seconds a trial has failed. Its thread is left to itself, since nothing can end it: a
  ///     function that asks `isCanceled`, or reports, ends soon.
  ///   - failures: How many trials in a row may fail before the study ends with an error.
  ///   - after: Is called after each trial.
  ///   - objective: What is measured: a number, a tensor of one element, or an array of them for several objectives.
  /// - Returns: What came of the study. Where the surrounding task is canceled, what had come of it until then.
  /// - Throws: `SearchError` of a mistake in the objective's parameters, where too many trials in a row fail, or where none
  ///   has completed; what the method or the storage throws.
  public func run<Result: TrialResult>(
    trials: Int, workers: Int = 1, until stops: [StudyStop] = [], timeLimit: Double? = nil, failures: Int = 10,
    after: (@Sendable (TrialRecord) -> Void)? = nil, _ objective: @escaping @Sendable (Trial) throws -> Result
  ) throws -> StudyReport {
    let request = StudyRun.Request(
      trials: trials, workers: workers, stops: stops, timeLimit: timeLimit, failures: failures, after: after,
      objective: { trial in
        let values = try objective(trial).trialValues()
        try trial.throwMistake()
        return values
      })
    return try report(try StudyRun(self, request).run())
  }
}
