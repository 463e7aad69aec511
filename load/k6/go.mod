// Pins the k6 that Squall builds where none is installed. Go checks every module against go.sum.
module squall.local/k6

go 1.26

require go.k6.io/k6/v2 v2.2.0
