extension StudyReport {
  /// How much each parameter matters for an objective.
  ///
  /// - Throws: `SearchError` where fewer than two trials have completed.
  public func importances(
    objective: Int = 0, by method: Importances.Method = .variance
  ) throws -> Importances { try Importances(of: trials, objective: objective, by: method) }

  /// Pictures of the trials.
  public var pictures: StudyPictures { StudyPictures(name, objectives, trials) }
}
