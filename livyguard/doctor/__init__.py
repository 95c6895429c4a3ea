"""The doctor: looks at the whole chain from this notebook to the cluster, link by link, and changes nothing."""
