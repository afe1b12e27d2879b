// Every file that speaks of graphs speaks of shapes and element types as well; so this floor hands them on.
@_exported import DescentTypes
