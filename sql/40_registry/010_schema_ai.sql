select ratebook.take_schema(
  'ai',
  'The registry and the rate book: providers, models, prices, features, routes, and the generation log.'
);
