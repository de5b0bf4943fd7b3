select ratebook.take_schema(
  'lensers',
  'People: who owns generations, media and wallets, which roles they have, and who changed what.'
);
