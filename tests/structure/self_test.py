#!/usr/bin/env python3
"""The structure checks find what they are for: each passes on a small clean tree and names every planted violation."""

import pathlib
import tempfile
import unittest

import architecture_map
import banned_words
import file_names
import headers_alone
import include_layers
import machine_paths

CLEAN = {
    "CMakeLists.txt": "add_subdirectory(src/base)\nadd_subdirectory(src/als)\nadd_subdirectory(src/topk)\n"
    "add_subdirectory(src/shop)\n",
    "ARCHITECTURE.md": "src/base, src/als/, src/topk, src/shop and apps/cli.\n",
    "include/purvey/status.h": "#ifndef S\n#define S\n#include <stdint.h>\n#endif\n",
    "src/base/memory.h": "#ifndef M\n#define M\n#include <purvey/status.h>\n#endif\n",
    "src/base/memory.c": '#include "base/memory.h"\n/* strcpy(a, b) and abort() only in a comment */\n',
    "src/als/als.c": '#include "base/memory.h"\nconst char *text = "printf(1) to stdout";\n',
    "src/topk/topk.c": '#include "base/memory.h"\n',
    "src/shop/store.c": '#include <sqlite3.h>\n#include "als/als.h"\n#include "topk/topk.h"\n',
    "apps/cli/options.h": "#include <purvey/status.h>\n",
    "apps/cli/main.c": '#include "options.h"\n#include <stdio.h>\nint main(void) { return printf("hello"); }\n',
}


class StructureChecks(unittest.TestCase):
    def violations(self, check, planted):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, text in {**CLEAN, **planted}.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text, encoding="utf-8")
            return list(check(root))

    def assert_found(self, check, planted, *expected):
        self.assertEqual(self.violations(check, {}), [])
        found = self.violations(check, planted)
        self.assertEqual(len(found), len(expected), found)
        for violation, part in zip(found, expected):
            self.assertIn(part, violation)

    def test_include_upward(self):
        self.assert_found(
            include_layers.check,
            {"src/base/text.c": '\n#include "shop/tables.h"\n'},
            "src/base/text.c:2: base stands below shop",
        )

    def test_include_of_a_sibling(self):
        planted = {"src/topk/scan.c": '#include "als/als.h"\n'}
        self.assert_found(include_layers.check, planted, "stand side by side")

    def test_remote_stands_on_base_alone(self):
        added = CLEAN["CMakeLists.txt"].replace("add_subdirectory(src/shop)", "add_subdirectory(src/remote)\nadd_subdirectory(src/shop)")
        modules = {"CMakeLists.txt": added, "src/remote/s3.h": "int s;\n"}
        above = modules | {"src/remote/s3.c": '#include "als/als.h"\n'}
        self.assert_found(include_layers.check, above, "remote stands on base alone")
        below = modules | {"src/shop/rows.c": '#include "remote/s3.h"\n'}
        self.assert_found(include_layers.check, below, "remote is for registry alone")

    def test_module_that_is_not_built(self):
        planted = {"src/extra/extra.c": "int x;\n", "src/base/text.c": '#include "extra/extra.h"\n'}
        self.assert_found(include_layers.check, planted, "src/extra: CMakeLists.txt", "extra/ is no module")

    def test_library_outside_its_place(self):
        planted = {"src/als/rows.c": "#include <sqlite3.h>\n"}
        self.assert_found(include_layers.check, planted, "<sqlite3.h> belongs to src/shop/", "at most 1")

    def test_library_in_two_files(self):
        planted = {"src/shop/rows.c": "#include <sqlite3.h>\n"}
        self.assert_found(include_layers.check, planted, "at most 1")

    def test_unknown_library(self):
        planted = {"src/base/text.c": "#  include <glib.h>\n"}
        self.assert_found(include_layers.check, planted, "<glib.h> is neither")

    def test_public_header_with_an_internal_include(self):
        planted = {"include/purvey/model.h": '#include "base/memory.h"\n'}
        self.assert_found(include_layers.check, planted, "a public header includes base/memory.h")

    def test_app_with_an_internal_include(self):
        planted = {"apps/cli/table.c": '#include "base/memory.h"\n'}
        self.assert_found(include_layers.check, planted, "apps use <purvey/...>")

    def test_lambda_stands_on_base_and_remote_and_nothing_else(self):
        self.assertEqual(self.violations(include_layers.check, {"apps/lambda/main.c": '#include "base/memory.h"\n'}), [])
        planted = {"apps/lambda/main.c": '#include "als/als.h"\n'}
        self.assert_found(include_layers.check, planted, "apps use <purvey/...>")

    def test_banned_function(self):
        planted = {"tests/base/test_x.c": "\nvoid f(char *a) { strcpy (a, a); }\n"}
        self.assert_found(banned_words.check, planted, "tests/base/test_x.c:2: strcpy")

    def test_library_that_prints_or_aborts(self):
        planted = {"src/base/text.c": "void f(void) { abort(); }\nvoid g(void) { fputs(t, stderr); }\n"}
        self.assert_found(banned_words.check, planted, "text.c:1: abort", "text.c:2: stderr")

    def test_unfinished_mark(self):
        planted = {"src/base/text.c": "/* TO" + "DO later */\n"}
        self.assert_found(banned_words.check, planted, "unfinished")

    def test_file_name_twice(self):
        self.assert_found(file_names.check, {"src/als/memory.c": ""}, "src/base/memory.c: src/als/memory.c has the same")

    def test_file_name_that_says_nothing(self):
        planted = {"src/base/text_utils.c": "", "src/base/Text.c": ""}
        self.assert_found(file_names.check, planted, "Text.c: the name is not snake_case", "does not say what is in it")

    def test_machine_path(self):
        planted = {"docs/page.md": "see\n/ho" + "me/somebody/file\n"}
        self.assert_found(machine_paths.check, planted, "docs/page.md:2")

    def test_folder_missing_from_the_map(self):
        planted = {"src/base/x.c": "", "ARCHITECTURE.md": "src/base, src/als, src/topk, src/gone, apps/cli\n"}
        self.assert_found(architecture_map.check, planted, "does not name src/shop", "names src/gone")

    def test_header_that_needs_another(self):
        planted = {"src/base/text.h": "#ifndef T\n#define T\nsize_t f(void);\n#endif\n"}
        self.assert_found(headers_alone.check, planted, "src/base/text.h")

    def test_public_header_that_is_no_cxx(self):
        planted = {"include/purvey/model.h": "#ifndef N\n#define N\nint f(int new);\n#endif\n"}
        self.assert_found(headers_alone.check, planted, "include/purvey/model.h")

    def test_header_without_a_guard(self):
        planted = {"src/base/text.h": "struct text { int size; };\n"}
        self.assert_found(headers_alone.check, planted, "src/base/text.h")


if __name__ == "__main__":
    unittest.main()
