module mesh-load/arrivals

go 1.21
