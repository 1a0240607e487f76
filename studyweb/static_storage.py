"""Static files with content hashes in their names, module imports included."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleManifestStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Rewrites `import` paths inside ES modules too, so that a new release never mixes with a cached old one."""

    support_js_module_import_aggregation = True
