// What users need, under one name; this target holds no code.

@_exported import DescentAgents
@_exported import DescentBackends
@_exported import DescentData
@_exported import DescentExplaining
@_exported import DescentFiles
@_exported import DescentLayers
@_exported import DescentMinimization
@_exported import DescentOptimizers
@_exported import DescentPlotting
@_exported import DescentSearch
@_exported import DescentTensors
@_exported import DescentText
@_exported import DescentTraining
@_exported import DescentTypes
