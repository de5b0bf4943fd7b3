select ratebook.take_schema(
  'compat',
  'For callers of older systems: their tables and functions as views and functions over the core. Nothing is stored here.'
);
