"""The matrix file and the judge of all programs, on a matrix small enough to compute by hand."""

import importlib.util
import pathlib
import tempfile
import unittest

HAS_NUMPY = importlib.util.find_spec("numpy") is not None
if HAS_NUMPY:
    import hkv_loss
    import matrix_file
    import numpy as np


@unittest.skipUnless(HAS_NUMPY, "needs numpy")
class Matrix(unittest.TestCase):
    def setUp(self):
        # 2 users x 3 products: user 0 has product 1 with confidence 2, user 1 has 0 with 1 and 2 with 0.5.
        self.matrix = matrix_file.Matrix(
            2, 3, np.array([0, 1, 3]), np.array([1, 0, 2], np.int32), np.array([2, 1, 0.5], np.float32)
        )

    def test_what_is_written_is_read(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "a.matrix"
            matrix_file.write(path, self.matrix)
            self.assertEqual(matrix_file.read_shape(path), (2, 3, 3))
            read = matrix_file.read(path)
            self.assertEqual(path.stat().st_size, 32 + 3 * 8 + 3 * 4 + 3 * 4)
            path.write_bytes(path.read_bytes()[:-1])
            with self.assertRaisesRegex(ValueError, "cut short"):
                matrix_file.read(path)
        np.testing.assert_array_equal(read.offsets, self.matrix.offsets)
        np.testing.assert_array_equal(read.columns, self.matrix.columns)
        np.testing.assert_array_equal(read.weights, self.matrix.weights)

    def test_the_loss_is_that_of_the_cells_one_by_one(self):
        # Scores of user 0: 1, 2, 3; of user 1: 2, 4, 6.
        X, Y = np.array([[1], [2]], np.float32), np.array([[1], [2], [3]], np.float32)
        pairs = 2 * (1 - 2) ** 2 + 1 * (1 - 2) ** 2 + 0.5 * (1 - 6) ** 2
        others = 1**2 + 3**2 + 4**2
        ridge = 10 * ((1 + 4) + (1 + 4 + 9))
        self.assertAlmostEqual(hkv_loss.hkv_loss(self.matrix, X, Y, 10.0), pairs + others + ridge)


if __name__ == "__main__":
    unittest.main()
