/** As the declarations of a bundle have it; page.ts is compiled with those, too (tests/generator/test_types.py). */
declare var BX: import("../../src/public/bx").Bx;
