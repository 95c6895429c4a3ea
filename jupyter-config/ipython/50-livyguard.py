"""Loads livyguard in every IPython that reads this folder.

`livyguard enable` put this file here; `livyguard disable`, or deleting it, takes it away. It needs nothing but IPython:
if livyguard is gone or does not load, the first cell says so, and with STRICT no cell of this kernel reaches Spark.
"""

STRICT = False
KERNELS_ONLY = False


class _LivyguardStartup:
    """What this file does, in one object: no name of it stays in the person's namespace."""

    spark_magics = ("configure", "manage_spark", "pretty", "send_to_spark", "spark", "sql")

    def __init__(self, file: str, strict: bool) -> None:
        from IPython import get_ipython  # noqa: PLC0415 - at the top it would become a name of the person's

        self.file = file
        self.strict = strict
        self.shell = get_ipython()
        self.sentence = ""

    def load(self) -> None:
        """Load the extension; what goes wrong is said in the first cell, where a person sees it."""
        try:
            if self.shell.extension_manager.load_extension("livyguard") == "no load function":
                raise ImportError("what is left of it is no extension")  # noqa: TRY301 - told like any other fault
        except BaseException as error:  # noqa: BLE001 - a kernel has to start whatever is wrong with the extension
            self.sentence = self.explain(error)
            self.shell.events.register("pre_run_cell", self.say_once)
            if self.strict:
                self.refuse_spark()

    def explain(self, error: BaseException) -> str:
        """Return the one sentence that says what is wrong and what to do."""
        import sys  # noqa: PLC0415 - as above

        if isinstance(error, ModuleNotFoundError) and error.name == "livyguard":
            why = f"it is not installed in {sys.prefix}; install it again, or delete {self.file}"
        else:
            why = f"it did not load ({type(error).__name__}: {error}); `livyguard enable --check` says more"
        effect = "so Spark cells are refused" if self.strict else "so nothing limits its Spark sessions"
        return f"livyguard does not guard this kernel, {effect}: {why}."

    def say_once(self, *_: object) -> None:
        """Print the sentence into the first cell."""
        import sys  # noqa: PLC0415 - as above

        self.shell.events.unregister("pre_run_cell", self.say_once)
        print(self.sentence, file=sys.stderr)  # noqa: T201 - the cell's own error stream

    def refuse_spark(self) -> None:
        """Keep Spark out of reach: SparkMagic's import where it is not loaded, its magics where it is."""
        import sys  # noqa: PLC0415 - as above

        sentence = self.sentence

        class Unguarded(ImportError):
            def _render_traceback_(self) -> list:
                return [sentence]

        def refuse(*_: object, **__: object) -> None:
            raise Unguarded(sentence)

        class NoSparkMagic:
            @staticmethod
            def find_spec(name: str, *_: object) -> None:
                if name.partition(".")[0] == "sparkmagic":
                    refuse()

        def replace(*_: object) -> None:
            for magics in self.shell.magics_manager.magics.values():
                magics.update((name, refuse) for name in self.spark_magics if name in magics)

        sys.meta_path.insert(0, NoSparkMagic)
        self.shell.events.register("pre_run_cell", replace)


if not KERNELS_ONLY or hasattr(get_ipython(), "kernel"):  # noqa: F821 - IPython's own name where such a file runs
    _LivyguardStartup(globals().get("__file__", "50-livyguard.py"), STRICT).load()
del _LivyguardStartup, STRICT, KERNELS_ONLY
